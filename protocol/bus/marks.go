package bus

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// marks is what the folder held when it was last looked at, written beside the
// server's own files: a server that finds its files damaged takes what it can
// still read for everything there ever was, and says nothing.
//
// After an orderly end a stream must be exactly as its mark says. After a kill
// it may be ahead of the mark, never behind it: streams of ours only shrink
// where that was written down before (see [Node.shrink]).
type marks struct {
	dir string

	mu      sync.Mutex
	clean   bool              // under mu: written by an orderly end
	streams map[string]mark   // under mu: by the stream's name
	leaving map[string]uint64 // under mu: messages that are being deleted, at most
	noted   time.Time         // under mu: when the streams were looked at, with NoSync
}

// A mark is one stream as it was.
type mark struct {
	First    uint64 `json:"first"` // place of the oldest message
	Last     uint64 `json:"last"`
	Messages uint64 `json:"messages"`
}

// marksFile is how marks are written.
type marksFile struct {
	Version int             `json:"version"` // 1
	Clean   bool            `json:"clean"`
	Streams map[string]mark `json:"streams"`
}

// Names in a data folder, beside SecretName and lock.
const (
	marksName = "marks.json"
	logName   = "log" // of the server
)

// readMarks reads a folder's marks. Without the file there must be no log
// either.
func readMarks(dir string) (*marks, error) {
	m := &marks{dir: dir, clean: true, streams: make(map[string]mark), leaving: make(map[string]uint64)}
	data, err := os.ReadFile(filepath.Join(dir, marksName))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(dir, logName)); err == nil {
			return nil, fmt.Errorf("%w: there is a log, but no %s", ErrDamaged, marksName)
		}
		return m, m.write()
	}
	if err != nil {
		return nil, err
	}
	f := marksFile{Streams: m.streams}
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, marksName, err)
	}
	if f.Version != 1 {
		return nil, fmt.Errorf("%w: %s has version %d, want 1", ErrRelease, marksName, f.Version)
	}
	m.clean = f.Clean
	return m, nil
}

// write replaces the file. The caller holds mu or is alone.
func (m *marks) write() error {
	data, err := json.MarshalIndent(marksFile{1, m.clean, m.streams}, "", "\t")
	if err != nil {
		return err
	}
	return WriteFile(filepath.Join(m.dir, marksName), append(data, '\n'))
}

// WriteFile writes a file that its user alone may read, so that after a crash it
// is the old or the new one.
func WriteFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return SyncDir(filepath.Dir(path))
}

// ReplaceFile is WriteFile for what is too large to be held, and for one writer
// at a time: what it has not finished lies beside the file until the next does.
func ReplaceFile(path string, write func(io.Writer) error) error {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	if err = write(w); err == nil {
		err = w.Flush()
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return SyncDir(filepath.Dir(path))
}

// SyncDir makes a rename last.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync() // not every system can
	return d.Close()
}

// inspect compares the streams with their marks, reads every message that is not
// sealed, for the server checks one only when it is read, seals them, and notes
// that the folder is in use.
func (n *Node) inspect(ctx context.Context) error {
	n.marks.mu.Lock()
	defer n.marks.mu.Unlock()
	dir := filepath.Join(n.cfg.Dir, logName)
	sealed, now := readSeals(dir), make(seals)
	for _, name := range slices.Sorted(maps.Keys(n.marks.streams)) {
		s, err := n.inspectStream(ctx, name, n.marks.streams[name], sealed[name])
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
		}
		if s.Last > 0 {
			now[name] = s
		}
	}
	if !reflect.DeepEqual(now, sealed) {
		if err := now.write(dir); err != nil {
			return err
		}
	}
	n.marks.clean = false
	return n.marks.write()
}

// inspectStream returns the stream's seal, none where it has no messages that
// stay.
func (n *Node) inspectStream(ctx context.Context, name string, was mark, sealed seal) (seal, error) {
	s, err := n.js.Stream(ctx, name)
	if err != nil {
		return seal{}, err
	}
	is := markOf(s.CachedInfo())
	if n.marks.clean && is != was {
		return seal{}, fmt.Errorf("holds %+v, want %+v", is, was)
	}
	if is.Messages < was.Messages || is.Last < was.Last {
		return seal{}, fmt.Errorf("holds %+v, want at least %+v", is, was)
	}
	from, want := sealed.Last+1, is.Last-sealed.Last
	if !sealed.holds(n.blocksDir(name), is) {
		sealed, from, want = seal{}, 0, is.Messages
	}
	read := uint64(0)
	err = readAll(ctx, s, from, func(m jetstream.Msg, _ *jetstream.MsgMetadata) error { read++; return nil })
	if err == nil && read != want {
		err = fmt.Errorf("%d of %d messages can be read", read, want)
	}
	if err != nil || !sealable(name) {
		return seal{}, err
	}
	return sealOf(n.blocksDir(name), is, sealed)
}

func markOf(info *jetstream.StreamInfo) mark {
	return mark{info.State.FirstSeq, info.State.LastSeq, info.State.Msgs}
}

// expect notes that a stream exists from now on.
func (m *marks) expect(stream string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.streams[stream]; ok {
		return nil
	}
	m.streams[stream] = mark{}
	return m.write()
}

// shrink notes, before it happens, that up to so many messages leave a stream;
// done says that they have left.
func (n *Node) shrink(stream string, by int) (done func(), err error) {
	if n.marks == nil {
		return func() {}, nil
	}
	m := n.marks
	m.mu.Lock()
	defer m.mu.Unlock()
	was, ok := m.streams[stream]
	if !ok {
		return func() {}, nil
	}
	was.Messages -= min(was.Messages, uint64(by))
	m.streams[stream] = was
	m.leaving[stream] += uint64(by)
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.leaving[stream] -= uint64(by)
	}, m.write()
}

// mark notes how the streams are now, and writes it when that is on the disk.
func (n *Node) mark() error {
	m := n.marks
	m.mu.Lock()
	defer m.mu.Unlock()
	if n.cfg.NoSync && time.Since(m.noted) < syncInterval {
		return nil
	}
	m.noted = time.Now()
	changed, err := n.survey()
	if err != nil || !changed {
		return err
	}
	return n.writeMarks()
}

// survey notes how the streams are now. The caller holds mu of the marks.
func (n *Node) survey() (changed bool, err error) {
	for name, was := range n.marks.streams {
		s, err := n.js.Stream(context.Background(), name)
		if err != nil {
			return false, err
		}
		is := markOf(s.CachedInfo())
		is.Messages -= min(is.Messages, n.marks.leaving[name])
		if is != was {
			n.marks.streams[name], changed = is, true
		}
	}
	return changed, nil
}

// writeMarks writes what is noted. No mark says more than is on the disk, or a
// power cut would look like damage.
func (n *Node) writeMarks() error {
	if n.cfg.NoSync {
		if err := syncTree(filepath.Join(n.cfg.Dir, logName)); err != nil {
			return err
		}
	}
	return n.marks.write()
}

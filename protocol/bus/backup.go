package bus

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A backup is text, so that it can be looked into: a JSON line that says what
// it is, for each stream a line that describes it and then one for each of its
// messages, and at the end a line with the SHA-256 of all before it. Streams
// that can be derived are left out.
type backupLine struct {
	Version int        `json:"muster_backup,omitempty"` // 1, in the first line only
	At      *time.Time `json:"at,omitempty"`            // there

	Stream *jetstream.StreamConfig `json:"stream,omitempty"`

	Subject string      `json:"subject,omitempty"` // of a message of the stream above
	Header  nats.Header `json:"header,omitempty"`
	Data    []byte      `json:"data,omitempty"`

	SHA256 []byte `json:"sha256,omitempty"`
}

// Backup writes everything that is kept to w, while the node goes on: of each
// stream what it held at one moment. A write that was acknowledged before the
// call is in it.
func (n *Node) Backup(ctx context.Context, w io.Writer) error {
	b := &backup{out: bufio.NewWriterSize(w, 1<<16), sum: sha256.New()}
	now := time.Now().UTC().Truncate(time.Second)
	b.line(backupLine{Version: 1, At: &now})
	streams, err := n.keptStreams(ctx)
	for _, s := range streams {
		if err == nil {
			err = b.stream(ctx, s)
		}
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	b.line(backupLine{SHA256: b.sum.Sum(nil)})
	return errors.Join(b.err, b.out.Flush())
}

// keptStreams are those that cannot be derived, in the order of their names.
func (n *Node) keptStreams(ctx context.Context) (all []jetstream.Stream, err error) {
	list := n.js.StreamNames(ctx)
	for name := range list.Name() {
		s, err := n.js.Stream(ctx, name)
		if err != nil {
			return nil, explain(err)
		}
		if name != canary && s.CachedInfo().Config.PersistMode == jetstream.DefaultPersistMode {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b jetstream.Stream) int {
		return strings.Compare(a.CachedInfo().Config.Name, b.CachedInfo().Config.Name)
	})
	return all, list.Err()
}

// A backup is written line by line; the first error stays.
type backup struct {
	out *bufio.Writer
	sum hash.Hash
	err error
}

func (b *backup) line(l backupLine) {
	data, err := json.Marshal(l)
	b.err = errors.Join(b.err, err)
	if b.err == nil {
		b.sum.Write(append(data, '\n'))
		_, b.err = b.out.Write(append(data, '\n'))
	}
}

func (b *backup) stream(ctx context.Context, s jetstream.Stream) error {
	cfg := s.CachedInfo().Config
	b.line(backupLine{Stream: &cfg})
	return readAll(ctx, s, 0, func(m jetstream.Msg, _ *jetstream.MsgMetadata) error {
		b.line(backupLine{Subject: m.Subject(), Header: m.Headers(), Data: m.Data()})
		return b.err
	})
}

// Restore makes a data folder of a backup. The folder must be empty or not be
// there; it comes to be as a whole, and only of a backup that is whole.
func Restore(ctx context.Context, dir string, r io.Reader) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("restore: %s is not empty", dir)
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	temp, err := os.MkdirTemp(parent, ".restore-*")
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer os.RemoveAll(temp)
	if err := restoreTo(ctx, temp, r); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("restore: %w", err)
	}
	return errors.Join(os.Rename(temp, dir), syncDir(parent))
}

func restoreTo(ctx context.Context, dir string, in io.Reader) error {
	n, err := Open(Config{Dir: dir, NoSync: true})
	if err != nil {
		return err
	}
	r := &restoring{node: n, in: bufio.NewReaderSize(in, 1<<16), sum: sha256.New()}
	return errors.Join(r.all(ctx), n.Close())
}

var errNoBackup = errors.New("this is no backup of this version, or a damaged one")

// restoring reads a backup into a node.
type restoring struct {
	node *Node
	in   *bufio.Reader
	sum  hash.Hash
	acks []jetstream.PubAckFuture // of messages on their way to the server
}

const (
	maxLine     = 2*maxMessage + 1<<16 // bytes: a message in base64, with its header
	maxInFlight = 256                  // messages
)

// line reads a line, and adds it to the sum unless it is the last one.
func (r *restoring) line() (l backupLine, err error) {
	var line []byte
	for part := []byte(nil); ; {
		part, err = r.in.ReadSlice('\n')
		line = append(line, part...)
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) || len(line) > maxLine {
			return l, errNoBackup
		}
	}
	if json.Unmarshal(line, &l) != nil {
		return l, errNoBackup
	}
	if l.SHA256 == nil {
		r.sum.Write(line)
	}
	return l, nil
}

func (r *restoring) all(ctx context.Context) error {
	head, err := r.line()
	if err != nil || head.Version != 1 {
		return errNoBackup
	}
	for {
		l, err := r.line()
		switch {
		case err != nil:
		case l.SHA256 != nil && !slices.Equal(l.SHA256, r.sum.Sum(nil)):
			err = errNoBackup
		case l.SHA256 != nil:
			return r.await(ctx)
		case l.Stream != nil:
			_, err = r.node.openStream(*l.Stream, Kept)
		default:
			err = r.message(ctx, l)
		}
		if err != nil {
			return err
		}
	}
}

// message writes one message; its place was that of another folder.
func (r *restoring) message(ctx context.Context, l backupLine) error {
	l.Header.Del(jetstream.ExpectedLastSubjSeqHeader)
	ack, err := r.node.js.PublishMsgAsync(&nats.Msg{Subject: l.Subject, Header: l.Header, Data: l.Data})
	if err != nil {
		return explain(err)
	}
	if r.acks = append(r.acks, ack); len(r.acks) == maxInFlight {
		return r.await(ctx)
	}
	return nil
}

// await waits until the server has taken all messages.
func (r *restoring) await(ctx context.Context) error {
	for _, a := range r.acks {
		select {
		case <-a.Ok():
		case err := <-a.Err():
			return explain(err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r.acks = r.acks[:0]
	return nil
}

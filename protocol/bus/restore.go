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
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A data folder is replaced in steps, each of which is one rename, so that it
// is the old or the new one whenever it ends, and goes on from there at the
// next start. It stays in its place, which may be a disk of its own:
//
//	.staged-…    what a backup gives, being written; nothing if it ends here
//	restore-T    the same, whole, on the disk: from here on it counts
//	before-T     what was kept before, moved there, and left there
//	placing-T    restore-T when all of that is out of the way
const (
	stagedPrefix  = ".staged-"
	restorePrefix = "restore-"
	beforePrefix  = "before-"
	placingPrefix = "placing-"
)

// rename is one step; tests end there.
var rename = os.Rename

// SecretName is where in a data folder lies what its values are sealed under,
// for whoever seals. It comes and goes with the log.
const SecretName = "secret"

// replaced is what of a folder is replaced; its lock stays.
var replaced = []string{logName, marksName, SecretName}

// Stage makes a data folder of a backup, within the one that it shall replace
// and beside what is kept there. It comes to be only of a backup that is whole.
// Whoever has put the secret into it calls Replace, or removes it.
func Stage(ctx context.Context, dir string, r io.ReadSeeker) (staged string, err error) {
	if err := Check(r); err != nil {
		return "", err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if staged, err = os.MkdirTemp(dir, stagedPrefix+"*"); err != nil {
		return "", err
	}
	if err := stageTo(ctx, staged, r); err != nil {
		return "", errors.Join(err, os.RemoveAll(staged))
	}
	return staged, nil
}

func stageTo(ctx context.Context, dir string, in io.Reader) error {
	n, err := Open(Config{Dir: dir, NoSync: true})
	if err != nil {
		return err
	}
	return errors.Join(reading(in, n).all(ctx), n.Close())
}

// Check says whether a backup is whole.
func Check(r io.Reader) error { return reading(r, nil).all(context.Background()) }

// Replace puts a staged folder in the place of what is kept in dir, and keeps
// that under the name that it returns. ErrInUse says that a node is open there:
// it has Replace, too.
func Replace(dir, staged string) (before string, err error) {
	unlock, err := lockDir(dir)
	if err != nil {
		return "", err
	}
	before, err = commit(dir, staged)
	if err == nil {
		err = finishReplacing(dir)
	}
	return before, errors.Join(err, unlock())
}

// Replace puts a staged folder in the place of what the node keeps as soon as
// it is closed and opened again. What was there will be in the folder before.
func (n *Node) Replace(staged string) (before string, err error) {
	if !n.kept() {
		return "", errors.New("nothing is kept here")
	}
	return commit(n.cfg.Dir, staged)
}

// commit is the moment from which on a staged folder counts. The caller has the
// lock.
func commit(dir, staged string) (before string, err error) {
	name := filepath.Base(staged)
	if !strings.HasPrefix(name, stagedPrefix) {
		return "", fmt.Errorf("%s is no staged folder", staged)
	}
	if pending, err := unfinished(dir); err != nil || pending != "" {
		return "", errors.Join(err, errors.New("another restore waits for the end of the server"))
	}
	staged = filepath.Join(dir, name)
	if err := syncTree(staged); err != nil {
		return "", err
	}
	at := time.Now().UTC().Format("20060102T150405.000Z")
	if err := rename(staged, filepath.Join(dir, restorePrefix+at)); err != nil {
		return "", err
	}
	return filepath.Join(dir, beforePrefix+at), SyncDir(dir)
}

// unfinished returns the name of a replacement that was committed and has not
// come to its end, or "".
func unfinished(dir string) (name string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), restorePrefix) || strings.HasPrefix(e.Name(), placingPrefix) {
			name = e.Name()
		}
	}
	return name, err
}

// finishReplacing goes on where a replacement stands, if there is one. The
// caller has the lock.
func finishReplacing(dir string) error {
	name, err := unfinished(dir)
	if err != nil || name == "" {
		return err
	}
	if at, ok := strings.CutPrefix(name, restorePrefix); ok {
		if err := moveKept(dir, filepath.Join(dir, beforePrefix+at)); err != nil {
			return err
		}
		name = placingPrefix + at
		if err := rename(filepath.Join(dir, restorePrefix+at), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	if err := moveKept(filepath.Join(dir, name), dir); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(dir, name)) // its lock
}

// moveKept moves what is replaced to another folder; what is not there any more
// has been moved before.
func moveKept(from, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for _, name := range replaced {
		err := rename(filepath.Join(from, name), filepath.Join(to, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return errors.Join(SyncDir(to), SyncDir(from), SyncDir(filepath.Dir(to)))
}

// forgetStaged removes what was being staged when its process ended.
func forgetStaged(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), stagedPrefix) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// syncTree puts a folder and all that is in it on the disk; files may come and
// go meanwhile.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = SyncDir(path)
		} else if err == nil {
			err = syncFile(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

var errNoBackup = errors.New("this is no backup of this version, or a damaged one")

func reading(r io.Reader, into *Node) *restoring {
	return &restoring{node: into, in: bufio.NewReaderSize(r, 1<<16), sum: sha256.New()}
}

// restoring reads a backup into a node.
type restoring struct {
	node *Node
	in   *bufio.Reader
	sum  hash.Hash
	at   time.Time                // of the backup
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

// all reads the backup to its end. Without a node it only looks whether it is
// whole.
func (r *restoring) all(ctx context.Context) error {
	head, err := r.line()
	if err != nil || head.Version != 1 || head.At == nil {
		return errNoBackup
	}
	r.at = *head.At
	for {
		l, err := r.line()
		switch {
		case err != nil:
			return err
		case l.SHA256 != nil && !slices.Equal(l.SHA256, r.sum.Sum(nil)):
			return errNoBackup
		case l.SHA256 != nil:
			return r.await(ctx)
		case r.node == nil:
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

// message writes one message. What it replaced, and so expected, is not there;
// ids that the server has forgotten may come again.
func (r *restoring) message(ctx context.Context, l backupLine) error {
	if l.At == nil || l.Subject == "" {
		return errNoBackup
	}
	h := nats.Header{}
	maps.Copy(h, l.Header)
	h.Del(jetstream.ExpectedLastSubjSeqHeader)
	h.Set(headerAt, l.At.Format(time.RFC3339Nano))
	if id := h.Get(jetstream.MsgIDHeader); id != "" && r.at.Sub(*l.At) > duplicateWindow {
		h.Del(jetstream.MsgIDHeader)
		h.Set(headerID, id)
	}
	ack, err := r.node.js.PublishMsgAsync(&nats.Msg{Subject: l.Subject, Header: h, Data: l.Data})
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
		case ok := <-a.Ok():
			if ok.Duplicate {
				return fmt.Errorf("%s: an id is there twice within %v: %w", ok.Stream, duplicateWindow, errNoBackup)
			}
		case err := <-a.Err():
			return explain(err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r.acks = r.acks[:0]
	return nil
}

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
	At      *time.Time `json:"at,omitempty"`            // there: of the backup; of a message: when it was written

	Stream *jetstream.StreamConfig `json:"stream,omitempty"`

	Subject string      `json:"subject,omitempty"` // of a message of the stream above
	Header  nats.Header `json:"header,omitempty"`
	Data    []byte      `json:"data,omitempty"`

	SHA256 []byte `json:"sha256,omitempty"`
}

// Backup writes everything that is kept to w as it was at one moment, while the
// node goes on. A write that was acknowledged before the call is in it.
func (n *Node) Backup(ctx context.Context, w io.Writer) error {
	s, err := n.snap(ctx)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer n.drop()
	b := &backup{out: bufio.NewWriterSize(w, 1<<16), sum: sha256.New()}
	now := time.Now().UTC()
	b.line(backupLine{Version: 1, At: &now})
	for _, stream := range s.streams {
		if err := b.stream(ctx, s, stream); err != nil {
			return fmt.Errorf("backup: %w", err)
		}
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

func (b *backup) stream(ctx context.Context, s *snapshot, stream jetstream.Stream) error {
	cfg := stream.CachedInfo().Config
	b.line(backupLine{Stream: &cfg})
	return s.read(ctx, stream, func(m *jetstream.RawStreamMsg) error {
		at := writtenAt(m.Header, m.Time).UTC()
		b.line(backupLine{At: &at, Subject: m.Subject, Header: m.Header, Data: m.Data})
		return b.err
	})
}

// What a message of a restored folder says of the one that it was.
const (
	headerAt = "Muster-At" // when it was written
	headerID = "Muster-Id" // its id, where the server need not know it any more
)

// writtenAt is when a message was written that the server has since a time.
func writtenAt(h nats.Header, since time.Time) time.Time {
	if at, err := time.Parse(time.RFC3339Nano, h.Get(headerAt)); err == nil {
		return at
	}
	return since
}

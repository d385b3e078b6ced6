package bus

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/musterhq/muster/protocol"
)

// A Bucket keeps one value of type T for each key, and lets it be replaced only
// by who knows what it replaces. Values are written as [protocol.Marshal] does:
// fields may be added to T later, and must never change their meaning. Keys are
// of any characters and up to 200 bytes.
type Bucket[T any] struct {
	node   *Node
	name   string
	stream jetstream.Stream
}

// An Entry is what a bucket keeps under a key.
type Entry[T any] struct {
	Key      string
	Value    T
	Revision uint64    // names this value of this key; rises with every write to the bucket
	At       time.Time // of the write
	Here     time.Time // of its coming into this folder: At, or later by a restore
}

// OpenBucket opens a bucket of a name of letters, digits, dashes and
// underscores, and makes it where the folder never had it.
func OpenBucket[T any](n *Node, name string, d Durability) (*Bucket[T], error) {
	s, err := n.openStream(jetstream.StreamConfig{
		Name: streamOfBucket(name), Subjects: []string{"kv." + name + ".>"}, MaxMsgsPerSubject: 1,
		Description: "one value for each key",
	}, d)
	if err != nil {
		return nil, err
	}
	return &Bucket[T]{n, name, s}, nil
}

func streamOfBucket(name string) string { return "kv-" + name }

// Create keeps a value under a key that has none, else ErrExists.
func (b *Bucket[T]) Create(ctx context.Context, key string, value T) (revision uint64, err error) {
	revision, err = b.write(ctx, key, value, 0)
	if errors.Is(err, ErrConflict) {
		return 0, fmt.Errorf("%s: %w", b.name, ErrExists)
	}
	return revision, err
}

// Update replaces the value that has the revision, else ErrConflict.
func (b *Bucket[T]) Update(ctx context.Context, key string, value T, revision uint64) (uint64, error) {
	return b.write(ctx, key, value, revision)
}

func (b *Bucket[T]) write(ctx context.Context, key string, value T, revision uint64) (uint64, error) {
	subject, err := b.subject(key)
	if err != nil {
		return 0, err
	}
	m := &nats.Msg{Subject: subject, Data: protocol.Marshal(value)}
	b.node.gate.RLock()
	defer b.node.gate.RUnlock()
	if revision > 0 {
		b.node.putAside(ctx, b.stream, subject)
	}
	revision, err = b.node.publish(ctx, m, jetstream.WithExpectLastSequencePerSubject(revision))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", b.name, err)
	}
	return revision, nil
}

// Get returns what is kept under a key, or ErrNotFound.
func (b *Bucket[T]) Get(ctx context.Context, key string) (e Entry[T], err error) {
	subject, err := b.subject(key)
	if err != nil {
		return e, err
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	m, err := b.stream.GetLastMsgForSubject(ctx, subject)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return e, fmt.Errorf("%s: %w", b.name, ErrNotFound)
	case err != nil:
		return e, fmt.Errorf("%s: %w", b.name, explain(err))
	}
	return b.entry(m)
}

// Change replaces the value under a key by what change makes of it, as often as
// another's write comes in between. An error of change ends it and is returned
// as it is; ErrNotFound says that there is no value.
func (b *Bucket[T]) Change(ctx context.Context, key string, change func(*T) error) (e Entry[T], err error) {
	for {
		if e, err = b.Get(ctx, key); err != nil {
			return e, err
		}
		if err := change(&e.Value); err != nil {
			return e, err
		}
		e.Revision, err = b.Update(ctx, key, e.Value, e.Revision)
		if !errors.Is(err, ErrConflict) {
			return e, err
		}
	}
}

// Delete forgets what is kept under keys; it is no error if nothing is.
func (b *Bucket[T]) Delete(ctx context.Context, keys ...string) error {
	for some := range slices.Chunk(keys, 64) { // others may go between
		if err := b.remove(ctx, some); err != nil {
			return fmt.Errorf("%s: delete: %w", b.name, err)
		}
	}
	return nil
}

func (b *Bucket[T]) remove(ctx context.Context, keys []string) error {
	b.node.gate.RLock()
	defer b.node.gate.RUnlock()
	if err := errors.Join(ctx.Err(), b.node.writable()); err != nil {
		return err
	}
	done, err := b.node.shrink(streamOfBucket(b.name), len(keys))
	if err != nil {
		return err
	}
	defer done()
	for _, key := range keys {
		subject, err := b.subject(key)
		if err != nil {
			return err
		}
		b.node.putAside(ctx, b.stream, subject)
		ctx, cancel := begun(ctx)
		err = b.stream.Purge(ctx, jetstream.WithPurgeSubject(subject))
		cancel()
		if err != nil {
			return explain(err)
		}
	}
	return nil
}

// All calls f with every entry there is, in the order they were written, until
// f fails, and returns that error. Entries written meanwhile may be missed.
func (b *Bucket[T]) All(ctx context.Context, f func(Entry[T]) error) error {
	return readAll(ctx, b.stream, 0, func(m jetstream.Msg, meta *jetstream.MsgMetadata) error {
		e, err := b.entry(&jetstream.RawStreamMsg{Subject: m.Subject(), Data: m.Data(), Sequence: meta.Sequence.Stream, Header: m.Headers(), Time: meta.Timestamp})
		if err != nil {
			return err
		}
		return f(e)
	})
}

func (b *Bucket[T]) entry(m *jetstream.RawStreamMsg) (e Entry[T], err error) {
	e.Revision, e.At, e.Here = m.Sequence, writtenAt(m.Header, m.Time), m.Time
	if e.Key, err = b.key(m.Subject); err != nil {
		return e, err
	}
	if err := protocol.Unmarshal(m.Data, &e.Value); err != nil {
		return e, fmt.Errorf("%w: %s: %q: %w", ErrDamaged, b.name, e.Key, err)
	}
	return e, nil
}

// keyText spells keys as subjects of NATS, which know fewer characters.
var keyText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

const maxKey = 200 // bytes

func (b *Bucket[T]) subject(key string) (string, error) {
	if key == "" || len(key) > maxKey {
		return "", fmt.Errorf("%s: a key of %d bytes", b.name, len(key))
	}
	return "kv." + b.name + "." + keyText.EncodeToString([]byte(key)), nil
}

func (b *Bucket[T]) key(subject string) (string, error) {
	key, err := keyText.DecodeString(strings.TrimPrefix(subject, "kv."+b.name+"."))
	if err != nil {
		return "", fmt.Errorf("%w: %s: subject %s", ErrDamaged, b.name, subject)
	}
	return string(key), nil
}

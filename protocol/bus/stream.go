package bus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/musterhq/muster/protocol"
)

// A Stream is a log of values of type T, written as a [Bucket]'s are. What
// others compute of it, in order, they can compute again.
type Stream[T any] struct {
	node   *Node
	name   string
	stream jetstream.Stream
}

// A Record is a value in a stream.
type Record[T any] struct {
	Seq   uint64 // its place, from 1, without gaps
	ID    string // that its writer gave it
	At    time.Time
	Value T
}

// logPrefix begins what the server knows a stream of ours by, and no bucket.
const logPrefix = "log-"

// duplicateWindow is how long a stream knows the ids of what was written: much
// longer than anybody tries again.
const duplicateWindow = time.Hour

// OpenStream opens a stream of a name of letters, digits, dashes and
// underscores, and makes it where the folder never had it.
func OpenStream[T any](n *Node, name string) (*Stream[T], error) {
	s, err := n.openStream(jetstream.StreamConfig{
		Name: logPrefix + name, Subjects: []string{"log." + name}, Duplicates: duplicateWindow,
		Description: "a log of values",
	}, Kept)
	if err != nil {
		return nil, err
	}
	return &Stream[T]{n, name, s}, nil
}

// Append writes a value at the end and returns its place. A value whose id was
// written within the last hour is not written again: its place is that of the
// first. So a write that was not answered is tried again with the same id.
func (s *Stream[T]) Append(ctx context.Context, id string, value T) (seq uint64, err error) {
	m := &nats.Msg{Subject: "log." + s.name, Data: protocol.Marshal(value)}
	s.node.gate.RLock()
	defer s.node.gate.RUnlock()
	seq, err = s.node.publish(ctx, m, jetstream.WithMsgID(id))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", s.name, err)
	}
	return seq, nil
}

// Get returns the record at a place, or ErrNotFound.
func (s *Stream[T]) Get(ctx context.Context, seq uint64) (r Record[T], err error) {
	m, err := s.stream.GetMsg(ctx, seq)
	switch {
	case seq == 0, errors.Is(err, jetstream.ErrMsgNotFound):
		return r, fmt.Errorf("%s: record %d: %w", s.name, seq, ErrNotFound)
	case err != nil:
		return r, fmt.Errorf("%s: %w", s.name, explain(err))
	}
	return s.read(m.Sequence, m.Time, m.Header, m.Data)
}

// Last is the place of the newest record, 0 if there is none.
func (s *Stream[T]) Last(ctx context.Context) (uint64, error) {
	info, err := s.stream.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", s.name, explain(err))
	}
	return info.State.LastSeq, nil
}

// Read calls f with each record from a place on that there is now, in order,
// until f fails, and returns that error.
func (s *Stream[T]) Read(ctx context.Context, from uint64, f func(Record[T]) error) error {
	return readAll(ctx, s.stream, from, func(m jetstream.Msg, meta *jetstream.MsgMetadata) error {
		r, err := s.record(m, meta)
		if err != nil {
			return err
		}
		return f(r)
	})
}

// Follow is Read, and goes on with what is written from then on until ctx ends.
func (s *Stream[T]) Follow(ctx context.Context, from uint64, f func(Record[T]) error) error {
	return follow(ctx, s.stream, from, 0, func(m jetstream.Msg, meta *jetstream.MsgMetadata) error {
		r, err := s.record(m, meta)
		if err != nil {
			return err
		}
		return f(r)
	})
}

func (s *Stream[T]) record(m jetstream.Msg, meta *jetstream.MsgMetadata) (Record[T], error) {
	return s.read(meta.Sequence.Stream, meta.Timestamp, m.Headers(), m.Data())
}

func (s *Stream[T]) read(seq uint64, at time.Time, h nats.Header, data []byte) (r Record[T], err error) {
	r.Seq, r.At, r.ID = seq, writtenAt(h, at), cmp.Or(h.Get(jetstream.MsgIDHeader), h.Get(headerID))
	if err := protocol.Unmarshal(data, &r.Value); err != nil {
		return r, fmt.Errorf("%w: %s: record %d: %w", ErrDamaged, s.name, r.Seq, err)
	}
	return r, nil
}

// errEnd ends a walk that has seen everything.
var errEnd = errors.New("the end")

// readAll calls f with each message that is in a stream now, from a place on.
// Messages that are replaced or deleted meanwhile may be missed.
func readAll(ctx context.Context, s jetstream.Stream, from uint64, f func(jetstream.Msg, *jetstream.MsgMetadata) error) error {
	opening, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	info, err := s.Info(opening)
	if err != nil {
		return explain(err)
	}
	last, next := info.State.LastSeq, max(from, 1)
	for next <= last && err == nil {
		err = follow(ctx, s, next, silence, func(m jetstream.Msg, meta *jetstream.MsgMetadata) error {
			if meta.Sequence.Stream > last {
				return errEnd
			}
			if err := f(m, meta); err != nil {
				return err
			}
			if next = meta.Sequence.Stream + 1; next > last || meta.NumPending == 0 {
				return errEnd
			}
			return nil
		})
		if errors.Is(err, nats.ErrTimeout) { // what was still to come is deleted, or comes late
			next, err = following(ctx, s, next)
		}
	}
	switch {
	case errors.Is(err, errEnd):
		return nil
	case err != nil && ctx.Err() != nil:
		return explain(ctx.Err())
	}
	return err
}

// silence is how long readAll waits for a message before it looks whether there
// is one.
const silence = time.Second

// following returns the place of the first message that there is from a place
// on, or errEnd.
func following(ctx context.Context, s jetstream.Stream, from uint64) (uint64, error) {
	m, err := s.GetMsg(ctx, from, jetstream.WithGetMsgSubject(">"))
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return 0, errEnd
	case err != nil:
		return 0, explain(err)
	}
	return m.Sequence, nil
}

// follow calls f with each message of a stream from a place on, in order and
// without gaps, until ctx ends, f fails, or none comes for a while; zero is
// for ever.
func follow(ctx context.Context, s jetstream.Stream, from uint64, wait time.Duration, f func(jetstream.Msg, *jetstream.MsgMetadata) error) (err error) {
	cfg := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy}
	if wait > 0 {
		cfg.MaxResetAttempts = 1 // who waits for ever may be tried again for ever
	}
	if from > 1 {
		cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, from
	}
	opening, cancel := context.WithTimeout(ctx, startTimeout)
	consumer, err := s.OrderedConsumer(opening, cfg)
	cancel()
	if err != nil {
		return explain(err)
	}
	defer func() {
		if !errors.Is(err, ErrDown) {
			forget(ctx, s, consumer)
		}
	}()
	messages, err := consumer.Messages()
	if err != nil {
		return explain(err)
	}
	defer messages.Stop()
	defer context.AfterFunc(ctx, messages.Stop)()
	for {
		m, err := messages.Next(jetstream.NextMaxWait(wait))
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, nats.ErrTimeout):
			return err
		case err != nil:
			return explain(err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		if err := f(m, meta); err != nil {
			return err
		}
	}
}

// forget removes a consumer that has read enough. By itself it would go after
// five minutes, and a stream has 1,000 at most.
func forget(ctx context.Context, s jetstream.Stream, c jetstream.Consumer) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = s.DeleteConsumer(ctx, c.CachedInfo().Name)
}

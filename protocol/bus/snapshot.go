package bus

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// A snapshot is all that is kept as it was at one moment, while writes go on:
// whoever replaces or deletes a message of before puts it aside here first. So
// what one verb wrote into several streams is in it as a crash would have left
// it at that moment, and no message is missing because it has changed since.
type snapshot struct {
	// set by [Node.snap] and never changed
	streams []jetstream.Stream // in the order of their names
	last    map[string]uint64  // by name: the place of the newest message

	mu    sync.Mutex
	aside map[string]map[uint64]*jetstream.RawStreamMsg // under mu: by name and place
	err   error                                         // under mu: something could not be put aside
}

// snap takes a snapshot. Writes wait for the milliseconds that it takes; no
// other may be taken until drop.
func (n *Node) snap(ctx context.Context) (*snapshot, error) {
	n.backups.Lock()
	n.gate.Lock()
	defer n.gate.Unlock()
	s := &snapshot{last: make(map[string]uint64), aside: make(map[string]map[uint64]*jetstream.RawStreamMsg)}
	var err error
	if s.streams, err = n.keptStreams(ctx); err != nil {
		n.backups.Unlock()
		return nil, err
	}
	for _, stream := range s.streams {
		info := stream.CachedInfo()
		s.last[info.Config.Name], s.aside[info.Config.Name] = info.State.LastSeq, make(map[uint64]*jetstream.RawStreamMsg)
	}
	n.snapshot = s
	return s, nil
}

// drop ends a snapshot.
func (n *Node) drop() {
	n.gate.Lock()
	n.snapshot = nil
	n.gate.Unlock()
	n.backups.Unlock()
}

// putAside keeps the message of a subject for a snapshot that is being read,
// before it is replaced or deleted. The caller holds the gate. That it fails is
// the snapshot's fault and not the write's.
func (n *Node) putAside(ctx context.Context, stream jetstream.Stream, subject string) {
	s := n.snapshot
	if s == nil {
		return
	}
	name := stream.CachedInfo().Config.Name
	m, err := stream.GetLastMsgForSubject(ctx, subject)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
	case err != nil:
		s.err = explain(err)
	case m.Sequence <= s.last[name]:
		s.aside[name][m.Sequence] = m
	}
}

// took returns the messages that were put aside with a place between two
// others, in order, and forgets all up to there: whoever reads a stream in
// order asks before it takes the next one.
func (s *snapshot) took(name string, after, before uint64) (all []*jetstream.RawStreamMsg, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for seq, m := range s.aside[name] {
		if seq >= before {
			continue
		}
		delete(s.aside[name], seq)
		if seq > after {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b *jetstream.RawStreamMsg) int { return int(a.Sequence) - int(b.Sequence) })
	return all, s.err
}

// read calls f with each message that a stream held, in order.
func (s *snapshot) read(ctx context.Context, stream jetstream.Stream, f func(*jetstream.RawStreamMsg) error) error {
	name := stream.CachedInfo().Config.Name
	last, at := s.last[name], uint64(0)
	upTo := func(seq uint64) error {
		all, err := s.took(name, at, seq)
		for _, m := range all {
			err = errors.Join(err, f(m))
		}
		at = seq
		return err
	}
	err := readAll(ctx, stream, 0, func(m jetstream.Msg, meta *jetstream.MsgMetadata) error {
		seq := meta.Sequence.Stream
		if seq > last {
			return errEnd
		}
		if err := upTo(seq); err != nil {
			return err
		}
		return f(&jetstream.RawStreamMsg{Subject: m.Subject(), Sequence: seq, Header: m.Headers(), Data: m.Data(), Time: meta.Timestamp})
	})
	if err != nil {
		return err
	}
	return upTo(last + 1)
}

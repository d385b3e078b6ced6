package social

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/musterhq/muster/protocol"
)

// A desk is where those leave their wishes who must not wait. One worker
// carries them out, of each player in their order.
type desk struct {
	waiting int           // lines of chat of one player at most; never changed
	wake    chan struct{} // holds one: a line or more are ready

	mu    sync.Mutex
	of    map[address]*line // under mu
	ready []*line           // under mu: the same, in the order they came
}

// A line is what one player wishes.
type line struct {
	who      Who
	presence *Presence // the last that was set, nil: as it is
	greet    bool
	says     []protocol.Say
}

// ask changes a player's line, which is made where there is none.
func (d *desk) ask(who Who, change func(*line)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.of[who.address()]
	if l == nil {
		l = &line{}
		d.of[who.address()] = l
		d.ready = append(d.ready, l)
	}
	l.who = who
	change(l)
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// say leaves a line of chat, and says whether there was room for it.
func (d *desk) say(who Who, m protocol.Say) (ok bool) {
	d.ask(who, func(l *line) {
		if ok = len(l.says) < d.waiting; ok {
			l.says = append(l.says, m)
		}
	})
	return ok
}

// take returns the line that has waited longest, or nil.
func (d *desk) take() *line {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.ready) == 0 {
		return nil
	}
	l := d.ready[0]
	d.ready = d.ready[1:]
	delete(d.of, l.who.address())
	return l
}

// serve is the worker.
func (s *Social) serve(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.desk.wake:
		}
		for l := s.desk.take(); l != nil && ctx.Err() == nil; l = s.desk.take() {
			if err := s.carryOut(ctx, l); err != nil && ctx.Err() == nil {
				s.log.Error("social", "player", l.who.ID, "err", err)
			}
		}
	}
}

func (s *Social) carryOut(ctx context.Context, l *line) (err error) {
	if l.presence != nil {
		err = s.place(ctx, l.who, *l.presence)
	}
	if l.greet {
		err = errors.Join(err, s.greet(ctx, l.who))
	}
	for _, m := range l.says {
		if refusal := s.pass(ctx, l.who, m); refusal != nil {
			s.refuse(l.who, m, refusal)
		}
	}
	return err
}

// place notes where a player is. On coming, what the player owes is paid and
// the row is read; where that fails the sweep has it tried again.
func (s *Social) place(ctx context.Context, who Who, at Presence) error {
	came := s.circle.set(who, at)
	if at.State == protocol.Offline {
		s.markParty(who.address(), time.Now())
		return nil
	}
	if came {
		s.markParty(who.address(), time.Time{})
	}
	if _, ok := s.circle.row(who.address()); ok {
		return nil
	}
	r, revision, err := s.read(ctx, who.address())
	if err != nil {
		return err
	}
	s.circle.learn(who.address(), r, revision)
	return s.payOf(ctx, who, r.owed())
}

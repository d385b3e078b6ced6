package social

import (
	"context"
	"errors"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// rows are the kept rows: a bucket, by the keys of addresses.
type rows interface {
	Get(ctx context.Context, key string) (bus.Entry[row], error)
	Create(ctx context.Context, key string, r row) (revision uint64, err error)
	Update(ctx context.Context, key string, r row, revision uint64) (uint64, error)
	Delete(ctx context.Context, keys ...string) error
	All(ctx context.Context, f func(bus.Entry[row]) error) error
}

// errSame ends a change that changes nothing, and is no error.
var errSame = errors.New("nothing changes")

// read returns a player's row as it is kept, empty if there is none.
func (s *Social) read(ctx context.Context, a address) (r row, revision uint64, err error) {
	key, err := a.key()
	if err != nil {
		return r, 0, err
	}
	e, err := s.rows.Get(ctx, key)
	if err != nil && !errors.Is(err, bus.ErrNotFound) {
		return r, 0, err
	}
	return e.Value, e.Revision, nil
}

// rowOf returns a player's row, from memory if the player is here. It is only
// to be looked at.
func (s *Social) rowOf(ctx context.Context, a address) (row, error) {
	if r, ok := s.circle.row(a); ok {
		return r, nil
	}
	r, _, err := s.read(ctx, a)
	return r, err
}

// change replaces a player's row by what f makes of it, as often as somebody
// else does so at the same time; then the circle is told. An error of f ends it
// and is returned, but for errSame.
func (s *Social) change(ctx context.Context, a address, f func(*row) error) (row, error) {
	key, err := a.key()
	if err != nil {
		return row{}, err
	}
	for {
		r, revision, err := s.read(ctx, a)
		if err != nil {
			return r, err
		}
		switch err := f(&r); {
		case errors.Is(err, errSame):
			return r, nil
		case err != nil:
			return r, err
		}
		if revision == 0 {
			revision, err = s.rows.Create(ctx, key, r)
		} else {
			revision, err = s.rows.Update(ctx, key, r, revision)
		}
		if errors.Is(err, bus.ErrConflict) || errors.Is(err, bus.ErrExists) {
			continue
		}
		if err == nil {
			s.circle.learn(a, r, revision)
		}
		return r, err
	}
}

// pay has the row of b follow an owed tie of a, and settles it. Under the turn
// of both.
func (s *Social) pay(ctx context.Context, a Who, b protocol.PlayerID) (o outcome, err error) {
	mine, _, err := s.read(ctx, a.address())
	if err != nil {
		return o, err
	}
	t := mine.tie(b)
	if !t.Owed {
		return o, nil
	}
	_, err = s.change(ctx, address{a.Game, b}, func(r *row) error {
		before := r.tie(a.ID)
		if t.Is != protocol.TieNone {
			o = r.follow(a.Player, timeNow(), &s.cfg)
		} else {
			o = outcomeNone
			r.set(tie{Player: a.ID})
		}
		if r.tie(a.ID) == before {
			return errSame
		}
		return nil
	})
	if err != nil {
		return o, err
	}
	_, err = s.change(ctx, a.address(), func(r *row) error {
		if !r.tie(b).Owed {
			return errSame
		}
		r.settle(b, o)
		return nil
	})
	return o, err
}

// payOf pays what a player owes to anybody.
func (s *Social) payOf(ctx context.Context, who Who, all []protocol.PlayerID) error {
	for _, b := range all {
		done, err := s.pairs.take(ctx, who.address(), b)
		if err != nil {
			return err
		}
		_, err = s.pay(ctx, who, b)
		done()
		if err != nil {
			return err
		}
	}
	return nil
}

// payAll pays what a crash has left owed, of whoever it was.
func (s *Social) payAll(ctx context.Context) {
	err := s.rows.All(ctx, func(e bus.Entry[row]) error {
		owed := e.Value.owed()
		if len(owed) == 0 {
			return nil
		}
		a := addressOf(e.Key)
		p, err := s.deps.People.Person(ctx, a.game, a.player)
		if errors.Is(err, ErrPlayerUnknown) {
			p, err = protocol.Player{ID: a.player}, nil // deleted half way
		}
		if err != nil {
			return err
		}
		return s.payOf(ctx, Who{a.game, p}, owed)
	})
	if err != nil && ctx.Err() == nil {
		s.log.Error("social: what is owed could not be paid", "err", err)
	}
}

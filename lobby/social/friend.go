package social

import (
	"context"
	"time"

	"github.com/musterhq/muster/protocol"
)

// A Friend is somebody a player has a tie to.
type Friend struct {
	protocol.Player
	Tie      protocol.Tie
	Since    time.Time // of the tie as it is
	Presence Presence  // of friends only
}

// AskFriend asks another player to be a friend. It accepts if the other has
// asked already. ErrPlayerUnknown, ErrSelf, ErrFriends, ErrBlocking,
// ErrFriendsFull, ErrRequestsFull, ErrTheirsFull.
func (s *Social) AskFriend(ctx context.Context, who Who, id protocol.PlayerID) error {
	to, err := s.other(ctx, who, id)
	if err != nil {
		return err
	}
	return s.decide(ctx, who, to, func(r *row, t *tie) error {
		switch {
		case r.blocks(id):
			return ErrBlocking
		case t.Is == protocol.TieFriend:
			return ErrFriends
		case r.count(protocol.TieFriend) >= s.cfg.Friends:
			return ErrFriendsFull
		case t.Is == protocol.TieAsks:
			t.Is = protocol.TieFriend
		case t.Is == protocol.TieAsked:
			return errSame // whatever has become of it
		case r.count(protocol.TieAsked) >= s.cfg.Requests:
			return ErrRequestsFull
		default:
			t.Is = protocol.TieAsked
		}
		return nil
	})
}

// AcceptFriend makes a friend of who has asked. ErrNoRequest, ErrFriendsFull,
// ErrTheirsFull.
func (s *Social) AcceptFriend(ctx context.Context, who Who, id protocol.PlayerID) error {
	to, err := s.other(ctx, who, id)
	if err != nil {
		return err
	}
	return s.decide(ctx, who, to, func(r *row, t *tie) error {
		switch {
		case t.Is != protocol.TieAsks:
			return ErrNoRequest
		case r.count(protocol.TieFriend) >= s.cfg.Friends:
			return ErrFriendsFull
		}
		t.Is = protocol.TieFriend
		return nil
	})
}

// DeclineFriend forgets the request of another, who may ask again, or
// ErrNoRequest.
func (s *Social) DeclineFriend(ctx context.Context, who Who, id protocol.PlayerID) error {
	return s.decide(ctx, who, Who{who.Game, protocol.Player{ID: id}}, func(_ *row, t *tie) error {
		if t.Is != protocol.TieAsks {
			return ErrNoRequest
		}
		t.Is = protocol.TieNone
		return nil
	})
}

// RemoveFriend ends a friendship, or takes back a request, or ErrNotFriends.
func (s *Social) RemoveFriend(ctx context.Context, who Who, id protocol.PlayerID) error {
	return s.decide(ctx, who, Who{who.Game, protocol.Player{ID: id}}, func(_ *row, t *tie) error {
		if t.Is != protocol.TieFriend && t.Is != protocol.TieAsked {
			return ErrNotFriends
		}
		t.Is = protocol.TieNone
		return nil
	})
}

// decide changes the tie of who to another player in its own row, and has the
// other's row follow. What either owed the other is paid first, so that the
// rows agree when f looks.
func (s *Social) decide(ctx context.Context, who, to Who, f func(*row, *tie) error) error {
	done, err := s.pairs.take(ctx, who.address(), to.ID)
	if err != nil {
		return err
	}
	defer done()
	if err := s.agree(ctx, who, to); err != nil {
		return err
	}
	_, err = s.change(ctx, who.address(), func(r *row) error {
		t := r.tie(to.ID)
		if err := f(r, &t); err != nil {
			return err
		}
		t.Owed, t.Since = true, timeNow().Unix()
		if to.Name != "" {
			t.Name = to.Name
		}
		r.set(t)
		return nil
	})
	if err != nil {
		return err
	}
	switch o, err := s.pay(ctx, who, to.ID); {
	case err != nil:
		return err
	case o == outcomeFull:
		return ErrTheirsFull
	}
	return nil
}

// agree pays what two players owe each other. Under their turn.
func (s *Social) agree(ctx context.Context, a, b Who) error {
	if _, err := s.pay(ctx, a, b.ID); err != nil {
		return err
	}
	_, err := s.pay(ctx, b, a.ID)
	return err
}

// Friends returns a player's friends and requests, by id.
func (s *Social) Friends(ctx context.Context, who Who) (all []Friend, err error) {
	r, err := s.rowOf(ctx, who.address())
	if err != nil {
		return nil, err
	}
	for _, t := range r.Ties {
		if t.Is == protocol.TieNone {
			continue
		}
		f := Friend{protocol.Player{ID: t.Player, Name: t.Name}, t.Is, time.Unix(t.Since, 0), Presence{}}
		if w, ok := s.circle.seen(address{who.Game, t.Player}, who.ID); ok && t.Is == protocol.TieFriend {
			f.Player, f.Presence = w.who.Player, w.at
		}
		all = append(all, f)
	}
	return all, nil
}

// AreFriends says whether two players of a game are, by what is kept of both:
// neither need be here.
func (s *Social) AreFriends(ctx context.Context, who Who, id protocol.PlayerID) (bool, error) {
	for _, pair := range [][2]protocol.PlayerID{{who.ID, id}, {id, who.ID}} {
		r, err := s.rowOf(ctx, address{who.Game, pair[0]})
		if err != nil || r.tie(pair[1]).Is != protocol.TieFriend {
			return false, err
		}
	}
	return true, nil
}

func timeNow() time.Time { return time.Now().Round(0) } // what is kept has no monotonic clock

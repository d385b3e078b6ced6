package social

import (
	"context"
	"slices"
	"time"

	"github.com/musterhq/muster/protocol"
)

// Block ends what there is between two players, and keeps the other from
// inviting, befriending, whispering to and seeing who, without being told.
// Doing so twice is no error. ErrPlayerUnknown, ErrSelf, ErrBlocksFull.
func (s *Social) Block(ctx context.Context, who Who, id protocol.PlayerID) error {
	to, err := s.other(ctx, who, id)
	if err != nil {
		return err
	}
	done, err := s.pairs.take(ctx, who.address(), id)
	if err != nil {
		return err
	}
	defer done()
	if err := s.agree(ctx, who, to); err != nil {
		return err
	}
	_, err = s.change(ctx, who.address(), func(r *row) error {
		switch {
		case r.blocks(id):
			return errSame
		case len(r.Blocks) >= s.cfg.Blocks:
			return ErrBlocksFull
		}
		r.Blocks = append(r.Blocks, id)
		if t := r.tie(id); t.Is != protocol.TieNone {
			t.Is, t.Owed = protocol.TieNone, true
			r.set(t)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if s.deps.Store.HideInvites(who.Game, id, who.ID) {
		s.tellParty(who.address())
	}
	_, err = s.pay(ctx, who, id)
	return err
}

// Unblock takes a block back; what was before does not come back. ErrNotBlocked.
func (s *Social) Unblock(ctx context.Context, who Who, id protocol.PlayerID) error {
	return s.strike(ctx, who, id, func(r *row) *[]protocol.PlayerID { return &r.Blocks }, ErrNotBlocked)
}

// Mute keeps a player's lines from who, and nothing else. Doing so twice is no
// error. ErrPlayerUnknown, ErrSelf, ErrBlocksFull.
func (s *Social) Mute(ctx context.Context, who Who, id protocol.PlayerID) error {
	if _, err := s.other(ctx, who, id); err != nil {
		return err
	}
	_, err := s.change(ctx, who.address(), func(r *row) error {
		switch {
		case slices.Contains(r.Mutes, id):
			return errSame
		case len(r.Mutes) >= s.cfg.Blocks:
			return ErrBlocksFull
		}
		r.Mutes = append(r.Mutes, id)
		return nil
	})
	return err
}

// Unmute takes a mute back, or ErrNotMuted.
func (s *Social) Unmute(ctx context.Context, who Who, id protocol.PlayerID) error {
	return s.strike(ctx, who, id, func(r *row) *[]protocol.PlayerID { return &r.Mutes }, ErrNotMuted)
}

func (s *Social) strike(ctx context.Context, who Who, id protocol.PlayerID, list func(*row) *[]protocol.PlayerID, none error) error {
	_, err := s.change(ctx, who.address(), func(r *row) error {
		l := list(r)
		i := slices.Index(*l, id)
		if i < 0 {
			return none
		}
		*l = slices.Delete(*l, i, i+1)
		return nil
	})
	return err
}

// Blocked returns whom a player blocks and whom it mutes, in the order it did.
func (s *Social) Blocked(ctx context.Context, who Who) (blocks, mutes []protocol.PlayerID, err error) {
	r, err := s.rowOf(ctx, who.address())
	return slices.Clone(r.Blocks), slices.Clone(r.Mutes), err
}

// A Silence is a moderator's mute.
type Silence struct {
	Until time.Time // zero: none
	By    protocol.PlayerID
	Why   string
}

const maxWhy = 256 // bytes

// Silence has a moderator mute a player of the same game until a time, in every
// channel; a zero Until takes that back. ErrPlayerUnknown, ErrMuteInvalid.
// Whether by may do so is for the caller to know.
func (s *Social) Silence(ctx context.Context, by Who, id protocol.PlayerID, until time.Time, why string) error {
	if !until.IsZero() && !until.After(time.Now()) || len(why) > maxWhy {
		return ErrMuteInvalid
	}
	if _, err := s.other(ctx, by, id); err != nil {
		return err
	}
	_, err := s.change(ctx, address{by.Game, id}, func(r *row) error {
		r.Muted = muted{until.Round(0).UTC(), string(by.ID), why}
		if until.IsZero() {
			r.Muted = muted{}
		}
		return nil
	})
	return err
}

// Silenced returns the mute of a player that still holds, for moderators, or
// ErrNotMuted.
func (s *Social) Silenced(ctx context.Context, by Who, id protocol.PlayerID) (Silence, error) {
	r, err := s.rowOf(ctx, address{by.Game, id})
	if err != nil {
		return Silence{}, err
	}
	if !r.Muted.Until.After(time.Now()) {
		return Silence{}, ErrNotMuted
	}
	return Silence{r.Muted.Until, protocol.PlayerID(r.Muted.By), r.Muted.Why}, nil
}

// Forget ends everything of a player whose account is no more: ties, in both
// rows, blocks, mutes, and the party.
func (s *Social) Forget(ctx context.Context, who Who) error {
	r, err := s.change(ctx, who.address(), func(r *row) error {
		if len(r.Ties) == 0 {
			return errSame
		}
		for i := range r.Ties {
			r.Ties[i].Is, r.Ties[i].Owed = protocol.TieNone, true
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.payOf(ctx, who, r.owed()); err != nil {
		return err
	}
	if err := s.LeaveParty(who); err != nil && err != ErrNoParty {
		return err
	}
	s.circle.set(who, Presence{})
	key, err := who.address().key()
	if err != nil {
		return err
	}
	return s.rows.Delete(ctx, key)
}

package social

import (
	"context"
	"errors"
	"time"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// Invite has a member of a party, or one who so begins a party, ask a player
// in; who is asked already is asked anew. ErrPlayerUnknown, ErrSelf,
// ErrBlocking, ErrMember, ErrPartyFull, ErrInvitesFull.
func (s *Social) Invite(ctx context.Context, who Who, id protocol.PlayerID) error {
	to, err := s.other(ctx, who, id)
	if err != nil {
		return err
	}
	done, err := s.pairs.take(ctx, who.address(), id) // so that a block comes before or after
	if err != nil {
		return err
	}
	defer done()
	mine, err := s.rowOf(ctx, who.address())
	if err != nil {
		return err
	}
	theirs, err := s.rowOf(ctx, to.address())
	switch {
	case err != nil:
		return err
	case mine.blocks(id):
		return ErrBlocking
	}
	alone := store.Party{ID: protocol.NewID[store.PartyID](), Game: who.Game, Leader: who.ID, Most: s.cfg.PartySize,
		Members: []store.PartyMember{{Player: who.Player}}}
	invite := store.PartyInvite{Player: to.Player, By: who.Player, Expires: time.Now().Add(s.cfg.InviteLife), Hidden: theirs.blocks(who.ID)}
	c, err := s.deps.Store.InviteToParty(alone, invite, store.PartyLimits{OfParty: s.cfg.PartyInvites, OfPlayer: s.cfg.PlayerInvites})
	if err != nil {
		return partyError(err, ErrInvitesFull)
	}
	s.partyChanged(c)
	s.markIfAway(who)
	if friends := mine.tie(id).Is == protocol.TieFriend && theirs.tie(who.ID).Is == protocol.TieFriend; friends {
		s.post(ctx, to, c.After.ID, invite)
	}
	return nil
}

// post keeps an invitation for one who is not here. It is for friends alone:
// strangers could fill a mailbox.
func (s *Social) post(ctx context.Context, to Who, id store.PartyID, i store.PartyInvite) {
	if s.deps.Post == nil || s.circle.here(to.address()) {
		return
	}
	if err := s.deps.Post.Invited(ctx, to, i.By, id, i.Expires); err != nil {
		s.log.Error("social: an invitation was not kept", "player", to.ID, "err", err)
	}
}

// Uninvite takes an invitation back, by the leader or who has made it. ErrNoParty,
// ErrNoInvitation.
func (s *Social) Uninvite(who Who, id protocol.PlayerID) error {
	p := s.partyOf(who)
	if p == nil {
		return ErrNoParty
	}
	c, err := s.deps.Store.DropInvites(p.ID, func(i store.PartyInvite) bool {
		return i.ID == id && (i.By.ID == who.ID || p.Leader == who.ID)
	})
	if err != nil {
		return ErrNoInvitation
	}
	s.partyChanged(c)
	return nil
}

// AcceptInvite makes who a member of a party that has invited it. One who is
// alone in another leaves that. ErrNoInvitation, ErrPartyFull, ErrInOtherParty.
func (s *Social) AcceptInvite(who Who, id store.PartyID) error {
	all, err := s.deps.Store.JoinParty(id, who.Game, who.Player, time.Now())
	if err != nil {
		return partyError(err, ErrNoInvitation)
	}
	for _, c := range all {
		s.partyChanged(c)
	}
	s.markIfAway(who)
	return nil
}

// DeclineInvite forgets an invitation, or ErrNoInvitation.
func (s *Social) DeclineInvite(who Who, id store.PartyID) error {
	for _, p := range s.deps.Store.PartyView(who.Game, who.ID).Invites {
		if p.ID != id {
			continue
		}
		c, err := s.deps.Store.DropInvites(id, func(i store.PartyInvite) bool { return i.ID == who.ID && !i.Hidden })
		if err != nil {
			return ErrNoInvitation
		}
		s.partyChanged(c)
		return nil
	}
	return ErrNoInvitation
}

// LeaveParty takes who out of its party, or ErrNoParty.
func (s *Social) LeaveParty(who Who) error {
	p := s.partyOf(who)
	if p == nil {
		return ErrNoParty
	}
	return s.takeOut(p.ID, who.ID, nil, ErrNoParty)
}

// Kick has the leader take another out. ErrNoParty, ErrSelf, ErrNotLeader,
// ErrNotMember.
func (s *Social) Kick(who Who, id protocol.PlayerID) error {
	p := s.partyOf(who)
	switch {
	case p == nil:
		return ErrNoParty
	case id == who.ID:
		return ErrSelf
	}
	return s.takeOut(p.ID, id, func(p store.Party) error {
		if p.Leader != who.ID {
			return store.ErrNotLeader
		}
		return nil
	}, ErrNotMember)
}

func (s *Social) takeOut(id store.PartyID, player protocol.PlayerID, may func(store.Party) error, none error) error {
	c, err := s.deps.Store.LeaveParty(id, player, may)
	if err != nil {
		return partyError(err, none)
	}
	s.partyChanged(c)
	return nil
}

// Promote has the leader make another member lead. ErrNoParty, ErrNotLeader,
// ErrNotMember.
func (s *Social) Promote(who Who, id protocol.PlayerID) error {
	p := s.partyOf(who)
	if p == nil {
		return ErrNoParty
	}
	c, err := s.deps.Store.LeadParty(p.ID, who.ID, id)
	if err != nil {
		return partyError(err, ErrNotMember)
	}
	s.partyChanged(c)
	return nil
}

// Party is what a player sees of parties.
func (s *Social) Party(who Who) protocol.Party { return s.viewOfParty(who.address()) }

func (s *Social) partyOf(who Who) *store.Party {
	return s.deps.Store.PartyView(who.Game, who.ID).Party
}

// partyError is the store's in our words; none is for what was not found.
func partyError(err, none error) error {
	for from, to := range map[error]error{store.ErrNotFound: none, store.ErrPartyMember: ErrMember, store.ErrPartyFull: ErrPartyFull,
		store.ErrPartyOther: ErrInOtherParty, store.ErrInvites: ErrInvitesFull, store.ErrNotLeader: ErrNotLeader,
		store.ErrAway: ErrPartyAway, store.ErrQueued: ErrPartyQueued} {
		if errors.Is(err, from) {
			return to
		}
	}
	return err
}

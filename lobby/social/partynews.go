package social

import (
	"slices"
	"time"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// partyChanged gives up the ticket that a change has cost a party, and tells
// everybody whom the change concerns.
func (s *Social) partyChanged(c store.PartyChange) {
	if t := c.Cancelled(); t != "" {
		s.deps.Queue.Cancel(t)
	}
	for _, a := range concerned(c) {
		s.tellParty(a)
	}
}

// concerned are those who see a party, as it was or as it is.
func concerned(c store.PartyChange) (all []address) {
	for _, p := range []*store.Party{c.Before, c.After} {
		if p == nil {
			continue
		}
		for _, m := range p.Members {
			all = append(all, address{p.Game, m.ID})
		}
		for _, i := range p.Invites {
			if !i.Hidden {
				all = append(all, address{p.Game, i.ID})
			}
		}
	}
	slices.SortFunc(all, address.compare)
	return slices.Compact(all)
}

func (s *Social) tellParty(a address) {
	s.telling.Lock()
	defer s.telling.Unlock()
	s.tell(a.player, s.viewOfParty(a))
}

// viewOfParty is what a player sees, in one look at the store.
func (s *Social) viewOfParty(a address) protocol.Party {
	v := s.deps.Store.PartyView(a.game, a.player)
	m := protocol.Party{Revision: v.Revision}
	if p := v.Party; p != nil {
		m.ID, m.Leader, m.Most, m.Mode, m.Ticket = string(p.ID), p.Leader, p.Most, p.Mode, string(p.Ticket)
		for _, x := range p.Members {
			m.Members = append(m.Members, protocol.PartyMember{Player: x.ID, Name: x.Name, Here: x.Away.IsZero()})
		}
		for _, i := range p.Invites {
			m.Invited = append(m.Invited, protocol.PartyInvited{Player: i.ID, Name: i.Name, Expires: i.Expires.Unix()})
		}
	}
	for _, p := range v.Invites {
		i := p.Invites[p.Invite(a.player)]
		m.Invitations = append(m.Invitations, protocol.Invitation{Party: string(p.ID), By: i.By.ID, Name: i.By.Name,
			Members: len(p.Members), Expires: i.Expires.Unix()})
	}
	return m
}

// markParty notes since when a member is away, zero: here.
func (s *Social) markParty(a address, away time.Time) {
	if c, err := s.deps.Store.MarkParty(a.game, a.player, away); err == nil {
		s.partyChanged(c)
	}
}

// markIfAway notes that who has become a member without being connected.
func (s *Social) markIfAway(who Who) {
	if !s.circle.here(who.address()) {
		s.markParty(who.address(), time.Now())
	}
}

// sweepParties ends invitations that have expired and takes out who was away
// too long.
func (s *Social) sweepParties(now time.Time) {
	expired := func(i store.PartyInvite) bool { return !now.Before(i.Expires) }
	for _, p := range s.deps.Store.Parties() {
		if slices.ContainsFunc(p.Invites, expired) {
			if c, err := s.deps.Store.DropInvites(p.ID, expired); err == nil {
				s.partyChanged(c)
			}
		}
		for _, m := range p.Members {
			s.sweepMember(&p, m, now)
		}
	}
}

func (s *Social) sweepMember(p *store.Party, m store.PartyMember, now time.Time) {
	a := address{p.Game, m.ID}
	switch {
	case m.Away.IsZero():
	case s.circle.here(a):
		s.markParty(a, time.Time{}) // has come just when it was marked
	case now.Sub(m.Away) >= s.cfg.AwayLife:
		s.takeOut(p.ID, m.ID, func(p store.Party) error {
			if at := p.Members[p.Member(m.ID)].Away; !at.Equal(m.Away) {
				return store.ErrNotFound // came back since
			}
			return nil
		}, ErrNotMember)
	}
}

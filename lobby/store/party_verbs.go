package store

import (
	"errors"
	"slices"
	"time"

	"github.com/hashicorp/go-memdb"

	"github.com/musterhq/muster/protocol"
)

// Errors of parties that callers decide by.
var (
	ErrPartyFull   = errors.New("the party is full")
	ErrPartyMember = errors.New("the player is in the party")
	ErrPartyOther  = errors.New("the player is in another party")
	ErrNotLeader   = errors.New("the player does not lead the party")
	ErrInvites     = errors.New("too many invitations are open")
	ErrQueued      = errors.New("the party is queued")
	ErrAway        = errors.New("a member is away")
)

// A PartyChange is what a verb has made of a party.
type PartyChange struct {
	Before, After *Party // nil: there was none, there is none any more; not to be changed
}

// Cancelled is the ticket that the party had and the change has taken from it.
func (c PartyChange) Cancelled() TicketID {
	if c.Before == nil || c.After != nil && c.After.Ticket == c.Before.Ticket {
		return ""
	}
	return c.Before.Ticket
}

// PartyLimits are those of invitations.
type PartyLimits struct {
	OfParty  int // that a party has open
	OfPlayer int // that a player has open
}

// InviteToParty has a member invite a player. If by is in no party yet, alone is
// the one that is made. Who is invited already is invited anew.
func (s *Store) InviteToParty(alone Party, invite PartyInvite, most PartyLimits) (c PartyChange, err error) {
	err = s.update(func(txn *memdb.Txn) error {
		c.Before = partyOfTxn(txn, alone.Game, invite.By.ID)
		if c.Before != nil {
			alone = *c.Before
		}
		if err := inviteTxn(txn, &alone, invite, most); err != nil {
			return err
		}
		c.After = putPartyTxn(txn, alone)
		return nil
	})
	return c, err
}

func inviteTxn(txn *memdb.Txn, p *Party, invite PartyInvite, most PartyLimits) error {
	again := p.Invite(invite.ID)
	switch {
	case p.Member(invite.ID) >= 0:
		return ErrPartyMember
	case len(p.Members) >= p.Most:
		return ErrPartyFull
	case again >= 0:
		p.Invites = slices.Delete(slices.Clone(p.Invites), again, again+1)
	case len(p.Invites) >= most.OfParty, len(invitationsTxn(txn, p.Game, invite.ID)) >= most.OfPlayer:
		return ErrInvites
	}
	p.Invites = append(slices.Clip(p.Invites), invite)
	return nil
}

// JoinParty makes a player who is invited a member. One who is alone in another
// party leaves it for this one, which is the first of the changes then.
func (s *Store) JoinParty(id PartyID, game string, player protocol.Player, now time.Time) (all []PartyChange, err error) {
	err = s.update(func(txn *memdb.Txn) error {
		old := partyTxn(txn, id)
		if old == nil || old.Game != game {
			return ErrNotFound
		}
		p, i := *old, old.Invite(player.ID)
		switch {
		case i < 0 || p.Invites[i].Hidden || !now.Before(p.Invites[i].Expires):
			return ErrNotFound
		case len(p.Members) >= p.Most:
			return ErrPartyFull
		}
		if own := partyOfTxn(txn, game, player.ID); own != nil {
			if len(own.Members) > 1 {
				return ErrPartyOther
			}
			dropPartyTxn(txn, own)
			all = append(all, PartyChange{Before: own})
		}
		p.Invites = slices.Delete(slices.Clone(p.Invites), i, i+1)
		p.Members = append(slices.Clip(p.Members), PartyMember{Player: player})
		p.Mode, p.Ticket = "", ""
		all = append(all, PartyChange{old, putPartyTxn(txn, p)})
		return nil
	})
	return all, err
}

// DropInvites takes the invitations out of a party that f names. Where none is
// left of one who is alone there, the party ends.
func (s *Store) DropInvites(id PartyID, f func(PartyInvite) bool) (PartyChange, error) {
	return s.changeParty(id, func(p *Party) error {
		if !slices.ContainsFunc(p.Invites, f) {
			return ErrNotFound
		}
		p.Invites = slices.DeleteFunc(slices.Clone(p.Invites), f)
		return nil
	})
}

// HideInvites takes the invitations by one player from another, for all but
// the one who has got them.
func (s *Store) HideInvites(game string, by, to protocol.PlayerID) (changed bool) {
	s.update(func(txn *memdb.Txn) error {
		for _, p := range invitationsTxn(txn, game, to) {
			if i := p.Invite(to); p.Invites[i].By.ID == by {
				p.Invites = slices.Clone(p.Invites)
				p.Invites[i].Hidden, changed = true, true
				putPartyTxn(txn, p)
			}
		}
		if !changed {
			return errNothing
		}
		return nil
	})
	return changed
}

// LeaveParty takes a member out. The longest member leads where the leader has
// gone; one who stays alone, and has nobody invited, has no party any more.
// May, if set, refuses.
func (s *Store) LeaveParty(id PartyID, player protocol.PlayerID, may func(Party) error) (PartyChange, error) {
	return s.changeParty(id, func(p *Party) error {
		i := p.Member(player)
		if i < 0 {
			return ErrNotFound
		}
		if may != nil {
			if err := may(*p); err != nil {
				return err
			}
		}
		p.Members = slices.Delete(slices.Clone(p.Members), i, i+1)
		if p.Leader == player && len(p.Members) > 0 {
			p.Leader = p.Members[0].ID
		}
		p.Mode, p.Ticket = "", ""
		return nil
	})
}

// LeadParty has another member lead, at the leader's wish.
func (s *Store) LeadParty(id PartyID, by, to protocol.PlayerID) (PartyChange, error) {
	return s.changeParty(id, func(p *Party) error {
		switch {
		case p.Leader != by:
			return ErrNotLeader
		case p.Member(to) < 0:
			return ErrNotFound
		}
		p.Leader, p.Mode, p.Ticket = to, "", ""
		return nil
	})
}

// QueueParty notes the ticket that a party is about to be queued with, at the
// leader's wish.
func (s *Store) QueueParty(id PartyID, by protocol.PlayerID, mode string, ticket TicketID) (PartyChange, error) {
	return s.changeParty(id, func(p *Party) error {
		switch {
		case p.Leader != by:
			return ErrNotLeader
		case p.Ticket != "":
			return ErrQueued
		case slices.ContainsFunc(p.Members, func(m PartyMember) bool { return !m.Away.IsZero() }):
			return ErrAway
		}
		p.Mode, p.Ticket = mode, ticket
		return nil
	})
}

// UnqueueParty forgets a party's ticket; ErrNotFound if it has another by now.
func (s *Store) UnqueueParty(id PartyID, ticket TicketID) (PartyChange, error) {
	return s.changeParty(id, func(p *Party) error {
		if p.Ticket != ticket || ticket == "" {
			return ErrNotFound
		}
		p.Mode, p.Ticket = "", ""
		return nil
	})
}

// MarkParty notes since when a member is away, zero: here. ErrNotFound if that
// changes nothing.
func (s *Store) MarkParty(game string, player protocol.PlayerID, away time.Time) (c PartyChange, err error) {
	err = s.update(func(txn *memdb.Txn) error {
		c.Before = partyOfTxn(txn, game, player)
		if c.Before == nil {
			return ErrNotFound
		}
		p, i := *c.Before, c.Before.Member(player)
		if p.Members[i].Away.IsZero() == away.IsZero() {
			return ErrNotFound
		}
		p.Members = slices.Clone(p.Members)
		p.Members[i].Away = away
		c.After = putPartyTxn(txn, p)
		return nil
	})
	return c, err
}

// MeasureParty notes what a member's pings are, for tickets to come.
func (s *Store) MeasureParty(id PartyID, player protocol.PlayerID, pings Pings) error {
	_, err := s.changeParty(id, func(p *Party) error {
		i := p.Member(player)
		if i < 0 {
			return ErrNotFound
		}
		p.Members = slices.Clone(p.Members)
		p.Members[i].Pings = pings
		return nil
	})
	return err
}

// changeParty replaces a party by what change makes of its copy, whose slices
// are still those of the row.
func (s *Store) changeParty(id PartyID, change func(*Party) error) (c PartyChange, err error) {
	err = s.update(func(txn *memdb.Txn) error {
		c.Before = partyTxn(txn, id)
		if c.Before == nil {
			return ErrNotFound
		}
		p := *c.Before
		if err := change(&p); err != nil {
			return err
		}
		c.After = putPartyTxn(txn, p)
		return nil
	})
	return c, err
}

func partyTxn(txn *memdb.Txn, id PartyID) *Party {
	_, p := firstTxn[Party](txn, tableParties, indexID, text(id))
	return p
}

// putPartyTxn keeps a party, or ends it where its last member is alone with
// nobody invited, and returns nil then.
func putPartyTxn(txn *memdb.Txn, p Party) *Party {
	if len(p.Members) == 0 || len(p.Members) == 1 && len(p.Invites) == 0 {
		if old := partyTxn(txn, p.ID); old != nil {
			dropPartyTxn(txn, old)
		}
		return nil
	}
	tickPartiesTxn(txn)
	putTxn(txn, tableParties, &p)
	return &p
}

func dropPartyTxn(txn *memdb.Txn, p *Party) {
	tickPartiesTxn(txn)
	dropTxn(txn, tableParties, p)
}

func tickPartiesTxn(txn *memdb.Txn) {
	putTxn(txn, tablePartyClocks, &partyClock{partyClockTxn(txn) + 1})
}

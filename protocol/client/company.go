package client

import (
	"maps"
	"sync"

	"github.com/musterhq/muster/protocol"
)

// A Company is what a player knows of others: the party, friends, what is said,
// and mail. It outlives connections: given to each of a player's in turn, in
// [Options], it shows every notice once and forgets nothing that still holds.
// The functions are optional, set before the first connection, and called on
// the goroutine that reads.
type Company struct {
	OnParty  func(p protocol.Party)
	OnPeople func(changed []protocol.PresenceOf) // with TieNone: not any more
	OnChat   func(c protocol.Chat)               // also why a line of one's own was refused
	OnMail   func(n protocol.MailNotice)         // it is acknowledged when this has returned

	mu     sync.Mutex
	party  protocol.Party
	people map[protocol.PlayerID]protocol.PresenceOf
	reader protocol.MailReader
}

// Party is the newest that was told.
func (c *Company) Party() protocol.Party {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.party
}

// People are friends, and those who have asked or were asked to be.
func (c *Company) People() map[protocol.PlayerID]protocol.PresenceOf {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.people)
}

// Seen is the newest notice that was shown: what to keep beyond the program, for
// [Company.Resume].
func (c *Company) Seen() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reader.Seen
}

// Resume goes on after the notice that an earlier program has shown last.
func (c *Company) Resume(seen uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reader.Seen = seen
}

// connected begins a connection, on which everything is told anew.
func (c *Company) connected() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.party = protocol.Party{}
	c.reader.Connected()
}

// take takes in a control message and returns what to answer, if anything.
func (c *Company) take(m protocol.Control) (answer protocol.Control) {
	switch m := m.(type) {
	case protocol.Party:
		if c.learnParty(m) && c.OnParty != nil {
			c.OnParty(m)
		}
	case protocol.Presence:
		c.learnPeople(m)
		if c.OnPeople != nil {
			c.OnPeople(m.People)
		}
	case protocol.Chat:
		if c.OnChat != nil {
			c.OnChat(m)
		}
	case protocol.Mail:
		return c.takeMail(m)
	}
	return nil
}

// learnParty says whether a party is the newest.
func (c *Company) learnParty(p protocol.Party) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.Revision < c.party.Revision {
		return false
	}
	c.party = p
	return true
}

func (c *Company) learnPeople(m protocol.Presence) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.Whole || c.people == nil {
		c.people = make(map[protocol.PlayerID]protocol.PresenceOf)
	}
	for _, p := range m.People {
		if p.Tie == protocol.TieNone {
			delete(c.people, p.Player)
		} else {
			c.people[p.Player] = p
		}
	}
}

func (c *Company) takeMail(m protocol.Mail) protocol.Control {
	c.mu.Lock()
	fresh, answer := c.reader.Take(m)
	c.mu.Unlock()
	if c.OnMail != nil {
		for _, n := range fresh {
			c.OnMail(n)
		}
	}
	return answer
}

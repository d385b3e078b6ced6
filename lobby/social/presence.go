package social

import (
	"github.com/musterhq/muster/protocol"
)

// Presence is where a player is. The zero value is offline.
type Presence struct {
	State    protocol.PresenceState
	Joinable bool
	Where    string // of the room or match, none if it is not joinable; at most 64 bytes
}

// piece is how many people a Presence tells of: some 6 KiB, less than a beat
// puts before a frame.
const piece = 64

// SetPresence says where a player is now: connected or not, in a lobby, in a
// match. It is for whoever knows: the hall, rooms, matches. Friends are told on
// the next beat, of the last that was set; it never blocks.
func (s *Social) SetPresence(who Who, at Presence) {
	if !at.Joinable || len(at.Where) > maxAddress {
		at.Joinable, at.Where = false, ""
	}
	s.desk.ask(who, func(l *line) { l.presence = &at })
}

// push tells everybody the news of friends, at most one piece each.
func (s *Social) push() {
	s.telling.Lock()
	defer s.telling.Unlock()
	for _, n := range s.circle.flush() {
		s.tell(n.to, protocol.Presence{People: n.people})
	}
}

// wholePresence is all of a player's ties, in pieces of which the first says
// that it begins anew.
func (s *Social) wholePresence(game string, id protocol.PlayerID, r row) (all []protocol.Control) {
	m := protocol.Presence{Whole: true}
	for _, t := range r.Ties {
		if t.Is == protocol.TieNone {
			continue
		}
		if len(m.People) == piece {
			all = append(all, m)
			m = protocol.Presence{}
		}
		m.People = append(m.People, s.circle.shown(&r, game, id, t.Player))
	}
	return append(all, m)
}

// news is what one player is to be told.
type news struct {
	to     protocol.PlayerID
	people []protocol.PresenceOf
}

// flush takes one piece of the news of each who has some; what is left stays
// for the next beat.
func (c *circle) flush() (all []news) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for a, p := range c.due {
		n := news{to: a.player}
		for of := range p.news {
			if len(n.people) == piece {
				break
			}
			delete(p.news, of)
			n.people = append(n.people, c.shownTo(&p.row, a.game, a.player, of))
		}
		if len(p.news) == 0 {
			delete(c.due, a)
		}
		all = append(all, n)
	}
	return all
}

// shown is what a player with a row is told of another.
func (c *circle) shown(r *row, game string, watcher, of protocol.PlayerID) protocol.PresenceOf {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shownTo(r, game, watcher, of)
}

// shownTo is shown under mu.
func (c *circle) shownTo(r *row, game string, watcher, of protocol.PlayerID) protocol.PresenceOf {
	t := r.tie(of)
	m := protocol.PresenceOf{Player: of, Name: t.Name, Tie: t.Is}
	if w, ok := c.seenBy(address{game, of}, watcher); ok && t.Is == protocol.TieFriend {
		m.Name, m.State = w.who.Name, w.at.State
		m.Joinable, m.Where = w.at.Joinable, w.at.Where
	}
	return m
}

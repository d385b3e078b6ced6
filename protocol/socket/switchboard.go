package socket

import (
	"sync"

	"github.com/musterhq/muster/protocol"
)

// A Switchboard knows where the matches of this node take in connections. It
// is safe for concurrent use.
type Switchboard struct {
	mu    sync.RWMutex
	inbox map[protocol.MatchID]*Inbox
}

// NewSwitchboard returns a Switchboard that knows no match.
func NewSwitchboard() *Switchboard {
	return &Switchboard{inbox: make(map[protocol.MatchID]*Inbox)}
}

// Open makes a match known, in place of what was known under its id before.
func (s *Switchboard) Open(id protocol.MatchID, in *Inbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inbox[id] = in
}

// Close forgets a match. Its owner closes the inbox itself.
func (s *Switchboard) Close(id protocol.MatchID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.inbox, id)
}

// Find returns a match's inbox, for [Hall.Give] and [Hall.Move].
func (s *Switchboard) Find(id protocol.MatchID) (*Inbox, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	in, ok := s.inbox[id]
	return in, ok
}

// Hand gives c to a match. On !ok the giver keeps it: the match is not known
// here, or it is known but its inbox is full or closed.
func (s *Switchboard) Hand(id protocol.MatchID, c *Conn, note any) (ok, known bool) {
	in, known := s.Find(id)
	return known && in.Hand(c, note), known
}

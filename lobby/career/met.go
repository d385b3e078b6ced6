package career

import "github.com/musterhq/muster/protocol"

// met knows the latest matches, so that none counts twice. The stream itself
// refuses a second result within the hour, and hosts try for minutes; this is
// for what nobody foresaw, and bounded.
type met struct {
	of   map[protocol.MatchID]bool
	ring []protocol.MatchID
	next int // in the ring, once it is full
}

// maxMet is how many matches are known: hours of a busy server.
const maxMet = 1 << 17

func newMet() met { return met{of: make(map[protocol.MatchID]bool)} }

// again says whether a match was met before, and meets it.
func (m *met) again(id protocol.MatchID) bool {
	if m.of[id] {
		return true
	}
	m.of[id] = true
	if len(m.ring) < maxMet {
		m.ring = append(m.ring, id)
		return false
	}
	delete(m.of, m.ring[m.next])
	m.ring[m.next] = id
	m.next = (m.next + 1) % maxMet
	return false
}

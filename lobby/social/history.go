package social

import (
	"slices"
	"sync"
	"time"

	"github.com/musterhq/muster/protocol"
)

// A Line is what somebody has said.
type Line struct {
	ID   uint64 // rises
	From protocol.Player
	To   protocol.PlayerID // of a whisper
	At   time.Time
	Text string

	heard []protocol.PlayerID // who was told, but for From
}

const (
	linesKept    = 20   // of a channel
	channelsKept = 8192 // in each of two generations
)

// A talk is a channel among some: a party's, a room's, or one between two.
type talk struct {
	game    string
	channel protocol.Channel
	group   string               // the party, or the room's code
	two     [2]protocol.PlayerID // of whispers, in order
}

func whispers(game string, a, b protocol.PlayerID) talk {
	return talk{game: game, channel: protocol.ChannelWhisper, two: [2]protocol.PlayerID{min(a, b), max(a, b)}}
}

// A history keeps the last lines of the channels that were used last, for
// reports. It has two generations: when the young one is full it becomes the
// old one, and what nobody used meanwhile is gone.
type history struct {
	mu         sync.Mutex
	young, old map[talk][]Line // under mu; lines oldest first
}

// add keeps a line.
func (h *history) add(t talk, l Line) {
	h.mu.Lock()
	defer h.mu.Unlock()
	lines := h.young[t]
	if lines == nil {
		lines = h.old[t]
		delete(h.old, t)
		if h.young == nil || len(h.young) >= channelsKept {
			h.young, h.old = make(map[talk][]Line), h.young
		}
	}
	if len(lines) >= linesKept {
		lines = slices.Delete(slices.Clone(lines), 0, len(lines)-linesKept+1)
	}
	h.young[t] = append(lines, l)
}

// of returns the last lines of a channel.
func (h *history) of(t talk) []Line {
	h.mu.Lock()
	defer h.mu.Unlock()
	if lines := h.young[t]; lines != nil {
		return slices.Clone(lines)
	}
	return slices.Clone(h.old[t])
}

// find returns a line that a player of a game has heard, and where.
func (h *history) find(game string, id uint64, by protocol.PlayerID) (t talk, l Line, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, generation := range []map[talk][]Line{h.young, h.old} {
		for t, lines := range generation {
			if t.game != game || lines[0].ID > id || lines[len(lines)-1].ID < id {
				continue
			}
			for _, l := range lines {
				if l.ID == id && slices.Contains(l.heard, by) {
					return t, l, true
				}
			}
		}
	}
	return t, l, false
}

// lastHeard is the channel in which a player of a game last heard another.
func (h *history) lastHeard(game string, from, by protocol.PlayerID) (last talk, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var newest uint64
	for _, generation := range []map[talk][]Line{h.young, h.old} {
		for t, lines := range generation {
			if t.game != game || lines[len(lines)-1].ID <= newest {
				continue
			}
			for _, l := range lines {
				if l.ID > newest && l.From.ID == from && slices.Contains(l.heard, by) {
					last, newest, ok = t, l.ID, true
				}
			}
		}
	}
	return last, ok
}

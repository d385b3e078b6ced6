package social

import (
	"slices"
	"strings"
	"time"

	"github.com/musterhq/muster/protocol"
)

// A row is what is kept of one player, with everything about it a pure
// function. Fields' names are short because each is written with every tie.
type row struct {
	Ties   []tie               `msgpack:"t"` // by player
	Blocks []protocol.PlayerID `msgpack:"b,omitempty"`
	Mutes  []protocol.PlayerID `msgpack:"m,omitempty"`
	Muted  muted               `msgpack:"s,omitempty"`
}

// A tie is what this player is to another. One that is TieNone is owed: it ends
// when the other's row has followed.
type tie struct {
	Player protocol.PlayerID `msgpack:"p"`
	Name   string            `msgpack:"n"` // as it was when they last had to do with each other
	Is     protocol.Tie      `msgpack:"i"`
	Owed   bool              `msgpack:"o,omitempty"` // the other's row has not followed yet
	Since  int64             `msgpack:"s"`           // Unix seconds
}

// muted is a moderator's mute.
type muted struct {
	Until time.Time `msgpack:"u"`
	By    string    `msgpack:"b"`
	Why   string    `msgpack:"w"`
}

func (r *row) find(p protocol.PlayerID) (int, bool) {
	return slices.BinarySearchFunc(r.Ties, p, func(t tie, p protocol.PlayerID) int { return strings.Compare(string(t.Player), string(p)) })
}

// tie returns the tie to a player, which is TieNone where there is none.
func (r *row) tie(p protocol.PlayerID) tie {
	if i, ok := r.find(p); ok {
		return r.Ties[i]
	}
	return tie{Player: p}
}

// set replaces a tie, or takes it out if it is nothing.
func (r *row) set(t tie) {
	i, ok := r.find(t.Player)
	gone := t.Is == protocol.TieNone && !t.Owed
	switch {
	case ok && gone:
		r.Ties = slices.Delete(r.Ties, i, i+1)
	case ok:
		r.Ties[i] = t
	case !gone:
		r.Ties = slices.Insert(r.Ties, i, t)
	}
}

func (r *row) count(is protocol.Tie) (n int) {
	for _, t := range r.Ties {
		if t.Is == is {
			n++
		}
	}
	return n
}

// owed returns those whose rows have not followed.
func (r *row) owed() (all []protocol.PlayerID) {
	for _, t := range r.Ties {
		if t.Owed {
			all = append(all, t.Player)
		}
	}
	return all
}

func (r *row) blocks(p protocol.PlayerID) bool { return slices.Contains(r.Blocks, p) }

// deaf says that this player hears nothing of another.
func (r *row) deaf(p protocol.PlayerID) bool { return r.blocks(p) || slices.Contains(r.Mutes, p) }

// An outcome is what becomes of a tie in the row of who decided it, once the
// other's row has followed.
type outcome uint8

const (
	outcomeNone outcome = iota
	outcomeAsked
	outcomeFriend
	outcomeFull // the other has no room
)

// follow takes in that by wants a tie to the player of this row, and says what
// has come of it. Where by is blocked nothing changes, and the outcome is that
// of one who does not answer.
func (r *row) follow(by protocol.Player, now time.Time, cfg *Config) outcome {
	t := r.tie(by.ID)
	switch t.Is {
	case protocol.TieFriend:
		return outcomeFriend
	case protocol.TieAsks:
		return outcomeAsked
	case protocol.TieAsked:
		if r.count(protocol.TieFriend) >= cfg.Friends {
			return outcomeFull
		}
		r.set(tie{by.ID, by.Name, protocol.TieFriend, false, now.Unix()})
		return outcomeFriend
	}
	switch {
	case r.count(protocol.TieAsks) >= cfg.Requests:
		return outcomeFull // also to who is blocked, who would learn it else
	case !r.blocks(by.ID):
		r.set(tie{by.ID, by.Name, protocol.TieAsks, false, now.Unix()})
	}
	return outcomeAsked
}

// settle writes down what has come of an owed tie.
func (r *row) settle(p protocol.PlayerID, o outcome) {
	t := r.tie(p)
	if !t.Owed {
		return
	}
	t.Owed = false
	switch {
	case t.Is == protocol.TieNone:
	case o == outcomeFriend:
		t.Is = protocol.TieFriend
	case o == outcomeFull && t.Is == protocol.TieFriend:
		t.Is = protocol.TieAsks // it was an answer to a request, which stays
	case o == outcomeFull:
		t.Is = protocol.TieNone
	}
	r.set(t)
}

package board

import (
	"slices"
	"time"

	"github.com/musterhq/muster/protocol"
)

// A Match is one that a player has played.
type Match struct {
	Seq uint64 // of its entry in the log
	ID  protocol.MatchID
	Ladder
	At            time.Time // in milliseconds, UTC
	Why           string    // it ended
	Place         int       // 1 is best; 0 if there were no places
	Verdict       Verdict
	Score         int64 // in the match
	Before, After int64 // the shown rating
}

// A match is what all its players share, and never changed.
type match struct {
	Ladder
	id  protocol.MatchID
	why string
	seq uint64
	at  int64 // unix milliseconds
}

// A part is one player's of a match.
type part struct {
	*match
	place         int32
	verdict       Verdict
	score         int64
	before, after int64
}

func (p *part) public() Match {
	return Match{
		Seq: p.seq, ID: p.id, Ladder: p.Ladder, At: time.UnixMilli(p.at).UTC(), Why: p.why,
		Place: int(p.place), Verdict: p.verdict, Score: p.score, Before: p.before, After: p.after,
	}
}

type owner struct {
	game   string
	player protocol.PlayerID
}

// A past is a player's latest matches, a ring that grows up to its most. It
// has one at least, and like a node it is only changed in the generation it
// was made in.
type past struct {
	owner
	gen   uint64
	whole bool   // there never were others
	parts []part // the oldest is at first
	first int
}

func (p *past) holds() protocol.PlayerID { return p.player }

// key says how long the player has been idle.
func (p *past) key() key { return key{seq: p.newest(0).seq, id: p.player} }

// newest returns the i-th newest part, from 0.
func (p *past) newest(i int) *part {
	n := len(p.parts)
	return &p.parts[(p.first+n-1-i)%n]
}

// push adds a part, in place of the oldest if there are most, and says
// whether there is one more.
func (p *past) push(q part, most int) bool {
	if len(p.parts) < most {
		p.parts = append(p.parts, q)
		return true
	}
	p.parts[p.first] = q
	p.first = (p.first + 1) % most
	p.whole = false
	return false
}

func (p *past) own(gen uint64) *past {
	if p.gen == gen {
		return p
	}
	c := *p
	c.gen, c.parts = gen, slices.Clone(p.parts)
	return &c
}

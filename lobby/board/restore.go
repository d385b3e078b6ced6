package board

import (
	"fmt"
	"io"
	"math"

	"github.com/musterhq/muster/lobby/pack"
	"github.com/musterhq/muster/protocol"
)

// Restore returns boards as a [Cut] of them was written, under the same Config.
// It fails with [pack.ErrDamaged], [pack.ErrForeign], an error of the reader, or
// one of the Config. It reads no further than they go, in small pieces.
func Restore(cfg Config, r io.Reader) (*Boards, error) {
	b, err := Open(cfg)
	if err != nil {
		return nil, err
	}
	u := pack.NewReader(r, head)
	applied := u.Uint(math.MaxUint64)
	b.applied.Store(applied)
	if u.Err() == nil && !b.cfg.unpack(u) {
		return nil, fmt.Errorf("%w: other bounds", pack.ErrForeign)
	}
	if err := b.unpackLadders(u); err != nil {
		return nil, err
	}
	b.history.unpack(u, applied)
	if err := u.End(); err != nil {
		return nil, err
	}
	return b, nil
}

// unpack says whether the snapshot is of this configuration.
func (c *Config) unpack(u *pack.Reader) bool {
	same := true
	for _, n := range c.marks() {
		same = u.Int() == n && same
	}
	return same || u.Err() != nil
}

func (b *Boards) unpackLadders(u *pack.Reader) error {
	last := Ladder{}
	for i := u.Uint(math.MaxInt32); i > 0 && u.Err() == nil; i-- {
		l := &ladder{Ladder: Ladder{pack.TextOf[string](u, maxName), pack.TextOf[string](u, maxName)}}
		l.calendar = b.cfg.calendar(l.Ladder)
		if same := l.calendar.unpack(u); !same && u.Err() == nil {
			return fmt.Errorf("%w: other seasons of %q %q", pack.ErrForeign, l.Game, l.Mode)
		}
		if l.Mode == "" || l.compare(last) <= 0 {
			u.Fail("a ladder out of order")
		}
		l.unpack(u, b.applied.Load())
		b.ladders[l.Ladder], last = l, l.Ladder
	}
	return u.Err()
}

// unpack says whether the snapshot is of this calendar.
func (s Seasons) unpack(u *pack.Reader) bool {
	same := true
	for _, n := range s.marks() {
		same = u.Int() == n && same
	}
	return same
}

func (l *ladder) unpack(u *pack.Reader, applied uint64) {
	last := Season(0)
	n := u.Uint(math.MaxInt32)
	if n == 0 {
		u.Fail("a ladder without boards")
	}
	for ; n > 0 && u.Err() == nil; n-- {
		s := season{Season(u.Uint(math.MaxInt32)), New()}
		if s.Season <= last {
			u.Fail("a season out of order")
		}
		s.unpack(u, applied)
		l.boards, last = append(l.boards, s), s.Season
	}
}

func (b *Board) unpack(u *pack.Reader, applied uint64) {
	var in builder[*row]
	last := int64(MaxScore)
	for n := u.Uint(math.MaxInt32); n > 0 && u.Err() == nil; n-- {
		r := unpackRow(u, last, applied)
		if u.Err() == nil && !b.add(&in, r) {
			u.Fail("a row out of order")
		}
		last = r.Score
	}
	b.tree = in.tree()
}

func unpackRow(u *pack.Reader, last int64, applied uint64) *row {
	r := new(row)
	r.Player = unpackPlayer(u)
	r.Score = last - int64(u.Uint(uint64(last+MaxScore)))
	r.reached = u.Uint(applied)
	r.Last = int64(u.Uint(maxUnix))
	r.Wins = uint32(u.Uint(math.MaxUint32))
	r.Losses = uint32(u.Uint(math.MaxUint32))
	r.Matches = uint32(u.Uint(math.MaxUint32))
	return r
}

func unpackPlayer(u *pack.Reader) protocol.PlayerID {
	p := pack.TextOf[protocol.PlayerID](u, maxName)
	if p == "" {
		u.Fail("a player without id")
	}
	return p
}

func (h *history) unpack(u *pack.Reader, applied uint64) {
	h.lost = u.Flag()
	var in builder[*past]
	var matches []*match
	for n := u.Uint(math.MaxInt32); n > 0 && u.Err() == nil; n-- {
		p := &past{owner: owner{pack.TextOf[string](u, maxName), unpackPlayer(u)}, whole: u.Flag()}
		matches = p.unpack(u, h.each, matches, applied)
		if u.Err() != nil {
			return
		}
		if h.pasts[p.owner] != nil || !in.add(p.key(), p) {
			u.Fail("a history out of order")
		}
		h.pasts[p.owner] = p
		h.count += len(p.parts)
	}
	if h.count > h.total {
		u.Fail("too many matches")
	}
	h.idle = in.tree()
}

// unpack reads the matches of a player, and adds those not met before.
func (p *past) unpack(u *pack.Reader, most int, matches []*match, applied uint64) []*match {
	n := u.Uint(uint64(most))
	if n == 0 {
		u.Fail("a history without matches")
	}
	for last := uint64(0); n > 0 && u.Err() == nil; n-- {
		i := u.Uint(uint64(len(matches)))
		if u.Err() == nil && i == uint64(len(matches)) {
			matches = append(matches, unpackMatch(u, applied))
		}
		if u.Err() != nil {
			return matches
		}
		q := part{match: matches[i]}
		if q.seq <= last || q.Game != p.game {
			u.Fail("a match out of order")
		}
		last = q.seq
		q.unpack(u)
		p.parts = append(p.parts, q)
	}
	return matches
}

func (q *part) unpack(u *pack.Reader) {
	q.place = int32(u.Uint(maxPlace))
	q.verdict = Verdict(u.Uint(uint64(Lost)))
	q.score = u.Int()
	q.before = u.Int()
	q.after = q.before + u.Int()
	if !goodScore(q.score) || !goodScore(q.before) || !goodScore(q.after) {
		u.Fail("a score out of range")
	}
}

func unpackMatch(u *pack.Reader, applied uint64) *match {
	m := &match{seq: u.Uint(applied), at: int64(u.Uint(maxUnix * 1000))}
	m.Game = pack.TextOf[string](u, maxName)
	m.Mode = pack.TextOf[string](u, maxName)
	m.id = pack.TextOf[protocol.MatchID](u, maxName)
	m.why = pack.TextOf[string](u, maxWhy)
	return m
}

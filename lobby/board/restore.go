package board

import (
	"fmt"
	"io"
	"math"

	"github.com/musterhq/muster/protocol"
)

// Restore returns boards as [Boards.Snapshot] wrote them, under the same
// Config. It fails with [ErrDamaged], [ErrForeign], an error of the reader, or
// one of the Config. It reads no further than the snapshot goes, in pieces of
// 8 bytes to 36 KiB, and believes no length that it has not read.
func Restore(cfg Config, r io.Reader) (*Boards, error) {
	b, err := Open(cfg)
	if err != nil {
		return nil, err
	}
	u := newUnpacker(r)
	applied := u.uint(math.MaxUint64)
	b.applied.Store(applied)
	if u.err == nil && !b.cfg.unpack(u) {
		return nil, fmt.Errorf("%w: other bounds", ErrForeign)
	}
	if err := b.unpackLadders(u); err != nil {
		return nil, err
	}
	b.history.unpack(u, applied)
	if err := u.end(); err != nil {
		return nil, err
	}
	return b, nil
}

// unpack says whether the snapshot is of this configuration.
func (c *Config) unpack(u *unpacker) bool {
	same := true
	for _, n := range c.marks() {
		same = u.int() == n && same
	}
	return same || u.err != nil
}

func (b *Boards) unpackLadders(u *unpacker) error {
	last := Ladder{}
	for i := u.uint(math.MaxInt32); i > 0 && u.err == nil; i-- {
		l := &ladder{Ladder: Ladder{unpackText[string](u, maxName), unpackText[string](u, maxName)}}
		l.calendar = b.cfg.calendar(l.Ladder)
		if same := l.calendar.unpack(u); !same && u.err == nil {
			return fmt.Errorf("%w: other seasons of %q %q", ErrForeign, l.Game, l.Mode)
		}
		if l.Mode == "" || l.compare(last) <= 0 {
			u.fail("a ladder out of order")
		}
		l.unpack(u, b.applied.Load())
		b.ladders[l.Ladder], last = l, l.Ladder
	}
	return u.err
}

// unpack says whether the snapshot is of this calendar.
func (s Seasons) unpack(u *unpacker) bool {
	same := true
	for _, n := range s.marks() {
		same = u.int() == n && same
	}
	return same
}

func (l *ladder) unpack(u *unpacker, applied uint64) {
	last := Season(0)
	n := u.uint(math.MaxInt32)
	if n == 0 {
		u.fail("a ladder without boards")
	}
	for ; n > 0 && u.err == nil; n-- {
		s := season{Season(u.uint(math.MaxInt32)), New()}
		if s.Season <= last {
			u.fail("a season out of order")
		}
		s.unpack(u, applied)
		l.boards, last = append(l.boards, s), s.Season
	}
}

func (b *Board) unpack(u *unpacker, applied uint64) {
	var in builder[*row]
	last := int64(MaxScore)
	for n := u.uint(math.MaxInt32); n > 0 && u.err == nil; n-- {
		r := unpackRow(u, last, applied)
		if u.err == nil && !b.add(&in, r) {
			u.fail("a row out of order")
		}
		last = r.Score
	}
	b.tree = in.tree()
}

func unpackRow(u *unpacker, last int64, applied uint64) *row {
	r := new(row)
	r.Player = unpackPlayer(u)
	r.Score = last - int64(u.uint(uint64(last+MaxScore)))
	r.reached = u.uint(applied)
	r.Last = int64(u.uint(maxUnix))
	r.Wins = uint32(u.uint(math.MaxUint32))
	r.Losses = uint32(u.uint(math.MaxUint32))
	r.Matches = uint32(u.uint(math.MaxUint32))
	return r
}

func unpackPlayer(u *unpacker) protocol.PlayerID {
	p := unpackText[protocol.PlayerID](u, maxName)
	if p == "" {
		u.fail("a player without id")
	}
	return p
}

func (h *history) unpack(u *unpacker, applied uint64) {
	h.lost = u.flag()
	var in builder[*past]
	var matches []*match
	for n := u.uint(math.MaxInt32); n > 0 && u.err == nil; n-- {
		p := &past{owner: owner{unpackText[string](u, maxName), unpackPlayer(u)}, whole: u.flag()}
		matches = p.unpack(u, h.each, matches, applied)
		if u.err != nil {
			return
		}
		if h.pasts[p.owner] != nil || !in.add(p.key(), p) {
			u.fail("a history out of order")
		}
		h.pasts[p.owner] = p
		h.count += len(p.parts)
	}
	if h.count > h.total {
		u.fail("too many matches")
	}
	h.idle = in.tree()
}

// unpack reads the matches of a player, and adds those not met before.
func (p *past) unpack(u *unpacker, most int, matches []*match, applied uint64) []*match {
	n := u.uint(uint64(most))
	if n == 0 {
		u.fail("a history without matches")
	}
	for last := uint64(0); n > 0 && u.err == nil; n-- {
		i := u.uint(uint64(len(matches)))
		if u.err == nil && i == uint64(len(matches)) {
			matches = append(matches, unpackMatch(u, applied))
		}
		if u.err != nil {
			return matches
		}
		q := part{match: matches[i]}
		if q.seq <= last || q.Game != p.game {
			u.fail("a match out of order")
		}
		last = q.seq
		q.unpack(u)
		p.parts = append(p.parts, q)
	}
	return matches
}

func (q *part) unpack(u *unpacker) {
	q.place = int32(u.uint(maxPlace))
	q.verdict = Verdict(u.uint(uint64(Lost)))
	q.score = u.int()
	q.before = u.int()
	q.after = q.before + u.int()
	if !goodScore(q.score) || !goodScore(q.before) || !goodScore(q.after) {
		u.fail("a score out of range")
	}
}

func unpackMatch(u *unpacker, applied uint64) *match {
	m := &match{seq: u.uint(applied), at: int64(u.uint(maxUnix * 1000))}
	m.Game = unpackText[string](u, maxName)
	m.Mode = unpackText[string](u, maxName)
	m.id = unpackText[protocol.MatchID](u, maxName)
	m.why = unpackText[string](u, maxWhy)
	return m
}

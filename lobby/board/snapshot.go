package board

import (
	"cmp"
	"io"
	"slices"
)

// A cut is the state between two entries, frozen.
type cut struct {
	applied uint64
	ladders []ladderCut
	idle    grove[*past]
	lost    bool
}

type ladderCut struct {
	Ladder
	calendar Seasons
	boards   []boardCut
}

type boardCut struct {
	Season
	rows grove[*row]
}

// Snapshot writes all there is, as it was between two entries, and returns
// the sequence number of the earlier one: [Restore], then go on with the
// entry after it. Entries are held up for the moment of the cut only, not for
// the writing. The same entries give the same bytes. Errors are the writer's.
func (b *Boards) Snapshot(w io.Writer) (applied uint64, err error) {
	c := b.cut()
	p := newPacker(w)
	p.uint(c.applied)
	b.cfg.pack(p)
	p.uint(uint64(len(c.ladders)))
	for i := range c.ladders {
		c.ladders[i].pack(p)
	}
	c.packHistory(p)
	return c.applied, p.end()
}

func (b *Boards) cut() (c cut) {
	b.feed.Lock()
	defer b.feed.Unlock()
	c.applied = b.applied.Load()
	c.idle, c.lost = b.history.freeze()
	for name, l := range b.ladders {
		lc := ladderCut{Ladder: name, calendar: l.calendar}
		for _, s := range l.boards {
			lc.boards = append(lc.boards, boardCut{s.Season, s.freeze()})
		}
		c.ladders = append(c.ladders, lc)
	}
	slices.SortFunc(c.ladders, func(a, b ladderCut) int { return a.compare(b.Ladder) })
	return c
}

func (l Ladder) compare(o Ladder) int {
	return cmp.Or(cmp.Compare(l.Game, o.Game), cmp.Compare(l.Mode, o.Mode))
}

// pack writes what a snapshot depends on; calendars go with their ladders.
func (c *Config) pack(p *packer) {
	for _, n := range c.marks() {
		p.int(n)
	}
}

func (c *Config) marks() [4]int64 {
	return [...]int64{int64(c.Kept), int64(c.HistoryEach), int64(c.HistoryTotal), int64(c.Revision)}
}

func (s Seasons) marks() [3]int64 {
	if s.endless() {
		return [3]int64{}
	}
	return [...]int64{s.Start.Unix(), int64(s.Months), int64(s.Length)}
}

func (l *ladderCut) pack(p *packer) {
	packText(p, l.Game)
	packText(p, l.Mode)
	for _, n := range l.calendar.marks() {
		p.int(n)
	}
	p.uint(uint64(len(l.boards)))
	for _, b := range l.boards {
		p.uint(uint64(b.Season))
		p.uint(uint64(b.rows.len()))
		last := int64(MaxScore)
		for s := range b.rows.from(0) {
			s.r.pack(p, last)
			last = s.r.Score
		}
	}
}

// pack writes a row that comes behind one with a score of last.
func (r *row) pack(p *packer, last int64) {
	packText(p, r.Player)
	p.uint(uint64(last - r.Score))
	p.uint(r.reached)
	p.uint(uint64(r.Last))
	p.uint(uint64(r.Wins))
	p.uint(uint64(r.Losses))
	p.uint(uint64(r.Matches))
}

// packHistory writes each match where it is met first, and refers to it by
// its number thereafter.
func (c *cut) packHistory(p *packer) {
	p.flag(c.lost)
	p.uint(uint64(c.idle.len()))
	matches := make(map[*match]uint64)
	for s := range c.idle.from(0) {
		past := s.r
		packText(p, past.game)
		packText(p, past.player)
		p.flag(past.whole)
		p.uint(uint64(len(past.parts)))
		for i := len(past.parts) - 1; i >= 0; i-- {
			past.newest(i).pack(p, matches)
		}
	}
}

func (q *part) pack(p *packer, matches map[*match]uint64) {
	n, met := matches[q.match]
	if !met {
		n = uint64(len(matches))
		matches[q.match] = n
	}
	p.uint(n)
	if !met {
		q.match.pack(p)
	}
	p.uint(uint64(q.place))
	p.uint(uint64(q.verdict))
	p.int(q.score)
	p.int(q.before)
	p.int(q.after - q.before)
}

func (m *match) pack(p *packer) {
	p.uint(m.seq)
	p.uint(uint64(m.at))
	packText(p, m.Game)
	packText(p, m.Mode)
	packText(p, m.id)
	packText(p, m.why)
}

package board

import (
	"cmp"
	"io"
	"slices"

	"github.com/musterhq/muster/lobby/pack"
)

// head is that of a snapshot of boards, with the version of its form.
const head = "MUSTERB\x01"

// A Cut is the state between two entries, frozen: it can be written while the
// feed goes on.
type Cut struct {
	cfg     *Config
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

// Write writes all there is, to [Restore] and go on with the entry after the
// last. The same entries give the same bytes. Errors are the writer's. It is
// called once.
func (c *Cut) Write(w io.Writer) error {
	p := pack.NewWriter(w, head)
	p.Uint(c.applied)
	c.cfg.pack(p)
	p.Uint(uint64(len(c.ladders)))
	for i := range c.ladders {
		c.ladders[i].pack(p)
	}
	c.packHistory(p)
	return p.End()
}

// Freeze cuts between two entries, which are held up for that moment only.
func (b *Boards) Freeze() *Cut {
	c := &Cut{cfg: &b.cfg}
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
func (c *Config) pack(p *pack.Writer) {
	for _, n := range c.marks() {
		p.Int(n)
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

func (l *ladderCut) pack(p *pack.Writer) {
	pack.Text(p, l.Game)
	pack.Text(p, l.Mode)
	for _, n := range l.calendar.marks() {
		p.Int(n)
	}
	p.Uint(uint64(len(l.boards)))
	for _, b := range l.boards {
		p.Uint(uint64(b.Season))
		p.Uint(uint64(b.rows.len()))
		last := int64(MaxScore)
		for s := range b.rows.from(0) {
			s.r.pack(p, last)
			last = s.r.Score
		}
	}
}

// pack writes a row that comes behind one with a score of last.
func (r *row) pack(p *pack.Writer, last int64) {
	pack.Text(p, r.Player)
	p.Uint(uint64(last - r.Score))
	p.Uint(r.reached)
	p.Uint(uint64(r.Last))
	p.Uint(uint64(r.Wins))
	p.Uint(uint64(r.Losses))
	p.Uint(uint64(r.Matches))
}

// packHistory writes each match where it is met first, and refers to it by
// its number thereafter.
func (c *Cut) packHistory(p *pack.Writer) {
	p.Flag(c.lost)
	p.Uint(uint64(c.idle.len()))
	matches := make(map[*match]uint64)
	for s := range c.idle.from(0) {
		past := s.r
		pack.Text(p, past.game)
		pack.Text(p, past.player)
		p.Flag(past.whole)
		p.Uint(uint64(len(past.parts)))
		for i := len(past.parts) - 1; i >= 0; i-- {
			past.newest(i).pack(p, matches)
		}
	}
}

func (q *part) pack(p *pack.Writer, matches map[*match]uint64) {
	n, met := matches[q.match]
	if !met {
		n = uint64(len(matches))
		matches[q.match] = n
	}
	p.Uint(n)
	if !met {
		q.match.pack(p)
	}
	p.Uint(uint64(q.place))
	p.Uint(uint64(q.verdict))
	p.Int(q.score)
	p.Int(q.before)
	p.Int(q.after - q.before)
}

func (m *match) pack(p *pack.Writer) {
	p.Uint(m.seq)
	p.Uint(uint64(m.at))
	pack.Text(p, m.Game)
	pack.Text(p, m.Mode)
	pack.Text(p, m.id)
	pack.Text(p, m.why)
}

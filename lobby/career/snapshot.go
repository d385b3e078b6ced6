package career

import (
	"io"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/pack"
	"github.com/musterhq/muster/lobby/rating"
	"github.com/musterhq/muster/protocol"
)

// head is that of a snapshot, with the version of its form.
const head = "MUSTERR\x01"

// A cut is what the results up to one of them add up to, frozen: it is written
// while others are counted. Behind it the boards' own are written.
type cut struct {
	of        string // the [fingerprint] of the fold
	applied   uint64
	latest    stamp
	ratings   map[board.Ladder]map[protocol.PlayerID]believed
	tracks    map[who][]step
	forgotten map[who]bool
	met       met
	boards    *board.Cut
}

// A stamp tells a result from any other that could be in its place: where a
// backup was restored, another story goes on.
type stamp struct {
	at    int64 // Unix nanoseconds
	match protocol.MatchID
}

func (r *result) stamp() stamp { return stamp{r.At.UnixNano(), r.Match} }

// freeze is for whoever applies. Tracks are shared: what is added to one lies
// behind its end here.
func (f *fold) freeze(of string) *cut {
	f.mu.RLock()
	defer f.mu.RUnlock()
	c := &cut{
		of: of, applied: f.applied, latest: f.latest, ratings: make(map[board.Ladder]map[protocol.PlayerID]believed),
		tracks: maps.Clone(f.tracks), forgotten: maps.Clone(f.forgotten), met: met{ring: slices.Clone(f.met.ring), next: f.met.next},
		boards: f.boards.Freeze(),
	}
	for l, all := range f.ratings {
		c.ratings[l] = maps.Clone(all)
	}
	return c
}

// write is called once. Errors are the writer's.
func (c *cut) write(w io.Writer) error {
	p := pack.NewWriter(w, head)
	pack.Text(p, c.of)
	p.Uint(c.applied)
	p.Int(c.latest.at)
	pack.Text(p, c.latest.match)
	c.packRatings(p)
	p.Uint(uint64(len(c.tracks)))
	for one, steps := range c.tracks {
		one.pack(p)
		packSteps(p, steps)
	}
	p.Uint(uint64(len(c.forgotten)))
	for one := range c.forgotten {
		one.pack(p)
	}
	p.Uint(uint64(len(c.met.ring)))
	p.Uint(uint64(c.met.next))
	for _, m := range c.met.ring {
		pack.Text(p, m)
	}
	if err := p.End(); err != nil {
		return err
	}
	return c.boards.Write(w)
}

func (c *cut) packRatings(p *pack.Writer) {
	p.Uint(uint64(len(c.ratings)))
	for l, all := range c.ratings {
		pack.Text(p, l.Game)
		pack.Text(p, l.Mode)
		p.Uint(uint64(len(all)))
		for player, b := range all {
			pack.Text(p, player)
			b.pack(p)
		}
	}
}

func (w who) pack(p *pack.Writer) {
	pack.Text(p, w.game)
	pack.Text(p, w.player)
}

func (b *believed) pack(p *pack.Writer) {
	p.Uint(math.Float64bits(b.Mu))
	p.Uint(math.Float64bits(b.Sigma))
	p.Uint(uint64(b.Matches))
	p.Int(b.Last.Unix())
	p.Uint(uint64(b.Last.Nanosecond()))
	p.Uint(uint64(b.season))
}

// packSteps writes each step's place as so many behind the one before.
func packSteps(p *pack.Writer, steps []step) {
	p.Uint(uint64(len(steps)))
	last := uint64(0)
	for _, s := range steps {
		p.Uint(s.seq() - last)
		p.Uint(uint64(s.before()))
		p.Uint(uint64(s.after()))
		last = s.seq()
	}
}

// thaw makes the fold that was frozen, without its boards.
func (f *fold) thaw(r io.Reader, of string) error {
	u := pack.NewReader(r, head)
	if was := pack.TextOf[string](u, maxName); u.Err() == nil && was != of {
		return errOther
	}
	f.applied = u.Uint(math.MaxInt64)
	f.latest.at = u.Int()
	f.latest.match = pack.TextOf[protocol.MatchID](u, maxName)
	for n := u.Uint(math.MaxInt32); n > 0 && u.Err() == nil; n-- {
		l := board.Ladder{Game: pack.TextOf[string](u, maxName), Mode: pack.TextOf[string](u, maxName)}
		f.ratings[l] = unpackRatings(u)
	}
	for n := u.Uint(math.MaxInt32); n > 0 && u.Err() == nil; n-- {
		f.tracks[unpackWho(u)] = unpackSteps(u, f.applied)
	}
	for n := u.Uint(math.MaxInt32); n > 0 && u.Err() == nil; n-- {
		f.forgotten[unpackWho(u)] = true
	}
	f.met.unpack(u)
	return u.End()
}

func unpackWho(u *pack.Reader) who {
	return who{pack.TextOf[string](u, maxName), pack.TextOf[protocol.PlayerID](u, maxName)}
}

func unpackRatings(u *pack.Reader) map[protocol.PlayerID]believed {
	n := u.Uint(math.MaxInt32)
	all := make(map[protocol.PlayerID]believed, min(n, 1<<16))
	for ; n > 0 && u.Err() == nil; n-- {
		all[pack.TextOf[protocol.PlayerID](u, maxName)] = unpackBelieved(u)
	}
	return all
}

func unpackBelieved(u *pack.Reader) believed {
	r := rating.Rating{
		Mu: math.Float64frombits(u.Uint(math.MaxUint64)), Sigma: math.Float64frombits(u.Uint(math.MaxUint64)),
		Matches: int(u.Uint(math.MaxInt64)),
	}
	r.Last = time.Unix(u.Int(), int64(u.Uint(1e9-1))).UTC()
	return believed{r, board.Season(u.Uint(math.MaxInt32))}
}

func unpackSteps(u *pack.Reader, applied uint64) (all []step) {
	n, last := u.Uint(math.MaxInt32), uint64(0)
	all = make([]step, 0, min(n, 1<<10))
	for ; n > 0 && u.Err() == nil; n-- {
		behind := u.Uint(applied - last)
		if behind == 0 {
			u.Fail("a step out of order")
		}
		last += behind
		all = append(all, newStep(last, int64(u.Uint(pointMask)), int64(u.Uint(pointMask))))
	}
	return all
}

func (m *met) unpack(u *pack.Reader) {
	n := u.Uint(maxMet)
	m.next = int(u.Uint(min(n, maxMet-1)))
	for ; n > 0 && u.Err() == nil; n-- {
		if m.again(pack.TextOf[protocol.MatchID](u, maxName)) {
			u.Fail("a match that was met twice")
		}
	}
}

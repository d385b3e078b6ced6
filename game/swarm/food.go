package swarm

import "github.com/musterhq/muster/game"

// food is a table of things that lie about, opened.
type food struct {
	game.Rows
	x, y []int32
}

func foodOf(rows game.Rows) food {
	return food{rows, rows.Col(FoodX), rows.Col(FoodY)}
}

// restock is in how many seconds food comes back where all was eaten.
const restock = 8

// stock lets grow in the zone what grows in some ticks, until it is full.
func (s *stage) stock(ticks int32) {
	side := int64(s.zone.Col(ZoneSide)[0])
	s.grow(&s.pellets, int32(side*side*mostPellets/(World*World)), ticks)
	s.grow(&s.spikes, int32(side*side*mostSpikes/(World*World)), ticks)
}

func (s *stage) grow(f *food, full, ticks int32) {
	most := 1 + full*ticks/(restock*s.pace.Second)
	for n := min(full-int32(f.Count()), most); n > 0; n-- {
		if slot, ok := f.Spawn(); ok {
			f.x[slot], f.y[slot] = s.anywhere()
		}
	}
}

// eat has blobs eat what they cover: pellets, each other, and spikes, which are
// not good for them.
func (s *stage) eat() {
	s.pelletsAt.sort(s.pellets.Rows, s.pellets.x, s.pellets.y)
	s.blobsAt.sort(s.blobs, s.x, s.y)
	for i := s.blobs.Next(-1); i >= 0; i = s.blobs.Next(i) {
		s.graze(i)
	}
	for i := s.blobs.Next(-1); i >= 0; i = s.blobs.Next(i) {
		s.hunt(i)
	}
	for i := s.spikes.Next(-1); i >= 0; i = s.spikes.Next(i) {
		s.prick(i)
	}
}

// graze eats the pellets that a blob covers.
func (s *stage) graze(slot int) {
	x, y, r := s.x[slot], s.y[slot], s.r[slot]
	gain := int32(0)
	in := reachOf(x, y, r)
	for found, ok := s.pelletsAt.row(&in); ok; found, ok = s.pelletsAt.row(&in) {
		for _, p := range found {
			if s.pellets.Live(int(p)) && within(s.pellets.x[p]-x, s.pellets.y[p]-y, r) {
				s.pellets.Despawn(int(p))
				gain += PelletMass
			}
		}
	}
	if gain > 0 {
		s.weigh(slot, s.mass[slot]+gain)
	}
}

// hunt eats the blobs of others that one covers, and that are small enough.
func (s *stage) hunt(slot int) {
	if s.shielded(slot) {
		return
	}
	in := reachOf(s.x[slot], s.y[slot], s.r[slot])
	for found, ok := s.blobsAt.row(&in); ok; found, ok = s.blobsAt.row(&in) {
		for _, other := range found {
			if s.catches(slot, int(other)) {
				s.swallow(slot, int(other))
			}
		}
	}
}

// catches reports whether a blob eats another: it has a quarter more mass and
// covers all but a rim of a third of the other's radius on one side.
func (s *stage) catches(slot, other int) bool {
	return s.mass[other] > 0 && slot/Parts != other/Parts && eats(s.mass[slot], s.mass[other]) && !s.shielded(other) &&
		within(s.x[other]-s.x[slot], s.y[other]-s.y[slot], s.r[slot]-s.r[other]/3)
}

func (s *stage) shielded(slot int) bool { return s.now < s.shield[slot/Parts] }

func (s *stage) swallow(slot, other int) {
	s.weigh(slot, s.mass[slot]+s.mass[other])
	s.remove(other)
	if seat := other / Parts; s.parts[seat] == 0 {
		s.back[seat] = s.now + s.pace.Dead
		s.killer[seat] = int32(slot/Parts) + 1
		if r := s.rank[seat]; r > 0 && r <= mostLeaders {
			s.w.Emit(EventFell, int32(slot/Parts), int32(seat))
		}
	}
}

// prick bursts a large blob that comes over the middle of a spike, which it
// takes with it.
func (s *stage) prick(spike int) {
	x, y := s.spikes.x[spike], s.spikes.y[spike]
	in := reachOf(x, y, Radius(MaxMass))
	for found, ok := s.blobsAt.row(&in); ok; found, ok = s.blobsAt.row(&in) {
		for _, b := range found {
			if s.mass[b] >= burstLeast && within(s.x[b]-x, s.y[b]-y, s.r[b]-SpikeRadius/3) {
				s.spikes.Despawn(spike)
				s.burst(int(b))
				return
			}
		}
	}
}

// burst parts a blob into as many as its player can have, all about.
func (s *stage) burst(slot int) {
	s.weigh(slot, s.mass[slot]+SpikeMass)
	n := Parts - s.parts[slot/Parts] + 1
	share := s.mass[slot] / n
	way := s.w.Rand.N(256)
	for range n - 1 {
		s.part(slot, share, way)
		way += 256 / n
	}
}

// within reports whether a vector is shorter than a length.
func within(dx, dy, length int32) bool {
	return abs(dx) < length && abs(dy) < length && dx*dx+dy*dy < length*length
}

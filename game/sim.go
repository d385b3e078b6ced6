package game

// A Sim is one match's rules in motion: the world, its recent past, and who
// sits where. The server steps one, and so does whoever replays a record. It
// is for one goroutine at a time.
type Sim struct {
	mode   *Mode
	rules  Rules
	world  World
	past   history
	newest Tick // of the snapshots; the world's own is ahead while the rules step
	joined [MaxSeats]bool
}

// history is a ring of the last snapshots, the newest included.
type history [historySize]*Snapshot

// historySize covers the oldest base of a delta (8 ticks, and for a linear
// one as much again before it) and MaxLag.
const historySize = 32

// noTick marks what the ring holds before a match is as old as the ring.
const noTick = ^Tick(0)

func (h *history) at(t Tick) *Snapshot {
	if s := h[t%historySize]; s.Tick == t && t != noTick {
		return s
	}
	return nil
}

// NewSim starts a match of the mode, which WithDefaults must have accepted, with
// values of its options, which CheckOptions must have accepted.
func NewSim(m *Mode, seed uint64, options ...int32) *Sim {
	s := newSim(m)
	s.world.options = m.values(options)
	s.world.Rand = Rand(seed)
	s.rules.Start(&s.world)
	s.freeze()
	return s
}

func newSim(m *Mode) *Sim {
	layout, err := m.Schema.Layout()
	if err != nil {
		panic(err)
	}
	s := &Sim{mode: m, rules: m.New()}
	for i := range s.past {
		s.past[i] = NewSnapshot(layout)
		s.past[i].Tick = noTick
	}
	s.world = World{now: NewSnapshot(layout), past: &s.past, mode: m, teams: make([]TeamID, m.Seats)}
	for i := range layout.tables {
		if t := &layout.tables[i]; t.Audience == Private {
			for slot := range t.Capacity {
				s.world.now.live[t.word+slot>>6] |= 1 << (slot & 63)
			}
		}
	}
	return s
}

// Join gives a seat to a player; Leave takes it away. Both are no-ops where
// that is so already.
func (s *Sim) Join(seat Seat) {
	if !s.joined[seat] {
		s.joined[seat] = true
		s.rules.Join(&s.world, seat)
	}
}

// Leave empties a seat.
func (s *Sim) Leave(seat Seat) {
	if s.joined[seat] {
		s.joined[seat] = false
		s.rules.Leave(&s.world, seat)
	}
}

// Team returns the seat's team, whose view its player is shown.
func (s *Sim) Team(seat Seat) TeamID { return s.world.teams[seat] }

// Joined reports whether the seat is taken.
func (s *Sim) Joined(seat Seat) bool { return s.joined[seat] }

// Step computes the next tick and returns it. It wants one input of each
// joined seat, in the order of seats. The snapshot is good for historySize
// further steps.
func (s *Sim) Step(inputs []Input) *Snapshot {
	s.world.now.Tick++
	s.rules.Step(&s.world, inputs)
	return s.freeze()
}

// freeze keeps the world as it stands as this tick's snapshot.
func (s *Sim) freeze() *Snapshot {
	now := s.past[s.world.now.Tick%historySize]
	now.CopyFrom(s.world.now)
	s.world.now.Events = s.world.now.Events[:0]
	s.newest = now.Tick
	return now
}

// Now returns the newest snapshot, and At an older one or nil.
func (s *Sim) Now() *Snapshot { return s.past.at(s.newest) }

// At returns the snapshot of a tick, or nil if it is not kept any more.
func (s *Sim) At(t Tick) *Snapshot { return s.past.at(t) }

// Mode returns what the sim plays.
func (s *Sim) Mode() *Mode { return s.mode }

// Result reports how the match ended, once it has.
func (s *Sim) Result() (Result, bool) { return s.rules.Result(&s.world) }

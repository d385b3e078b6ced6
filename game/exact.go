package game

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// This file is the exact state: its bytes, out and in, and its hash.

// Hash is the exact hash: 64 bits over the exact state but for the past, each
// tick of which had its own. Two sims of equal hash go on alike.
func (s *Sim) Hash(scratch []byte) (uint64, []byte) {
	scratch = s.saveNow(scratch[:0])
	h := uint64(14695981039346656037) ^ uint64(len(scratch))
	for b := scratch; len(b) > 0; {
		var word uint64
		if len(b) >= 8 {
			word, b = binary.LittleEndian.Uint64(b), b[8:]
		} else {
			for i := len(b) - 1; i >= 0; i-- {
				word = word<<8 | uint64(b[i])
			}
			b = nil
		}
		h = (h ^ word) * 0x9fb21c651e98df25
		h ^= h >> 32
	}
	return h, scratch
}

// Save appends the exact state: whoever loads it continues this match as it
// would have gone on here.
func (s *Sim) Save(dst []byte) []byte {
	past := min(s.mode.Lag, int(s.world.now.Tick))
	dst = append(dst, saveVersion, byte(past))
	for i := past; i >= 0; i-- {
		at := len(dst)
		dst = append(dst, 0, 0, 0, 0)
		dst = s.past.at(s.world.now.Tick - Tick(i)).save(dst)
		binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return s.saveNow(dst)
}

const saveVersion = 2

// saveNow appends the state that the next step starts from.
func (s *Sim) saveNow(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, uint64(s.world.Rand))
	for seat := range s.mode.Seats {
		joined := byte(0)
		if s.joined[seat] {
			joined = 1
		}
		dst = append(dst, joined, byte(s.world.teams[seat]))
	}
	for _, v := range s.world.options {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(v))
	}
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = s.world.now.save(dst)
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return s.rules.Save(dst)
}

// LoadSim continues a match of the mode from what Save returned.
func LoadSim(m *Mode, src []byte) (*Sim, error) {
	r := reader{b: src}
	if v := r.byte(); r.err == nil && v != saveVersion {
		return nil, fmt.Errorf("load match: version %d, want %d", v, saveVersion)
	}
	s := newSim(m)
	s.loadPast(&r)
	s.newest = s.world.now.Tick
	s.world.Rand = Rand(r.uint64())
	for seat := range m.Seats {
		joined := r.byte()
		s.joined[seat], s.world.teams[seat] = joined == 1, TeamID(r.byte())
		if joined > 1 || s.world.teams[seat] > MaxTeam {
			r.fail("no such seat")
		}
	}
	s.world.options = m.values(nil)
	for i := range s.world.options {
		s.world.options[i] = int32(r.uint32())
	}
	if err := m.CheckOptions(s.world.options); err != nil {
		r.fail(err.Error())
	}
	if s.world.now.load(&r); s.world.now.Tick != s.newest {
		r.fail("state and past of different ticks")
	}
	if r.err != nil {
		return nil, fmt.Errorf("load match: %w", r.err)
	}
	if err := s.rules.Load(r.b); err != nil {
		return nil, fmt.Errorf("load rules: %w", err)
	}
	return s, nil
}

// loadPast reads the past, oldest first, and leaves the world at the newest.
func (s *Sim) loadPast(r *reader) {
	now := s.world.now
	n := int(r.byte())
	for i := 0; i <= n && n <= s.mode.Lag && r.err == nil; i++ {
		before := now.Tick
		now.load(r)
		if i > 0 && now.Tick != before+1 {
			r.fail("ticks that do not follow each other")
		}
		s.past[now.Tick%historySize].CopyFrom(now)
	}
	if n != min(s.mode.Lag, int(now.Tick)) || now.Tick == noTick {
		r.fail("a past of the wrong length")
	}
}

// save appends all of s; its length stands before it for load.
func (s *Snapshot) save(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(s.Tick))
	for _, w := range s.live {
		dst = binary.LittleEndian.AppendUint64(dst, w)
	}
	for _, g := range s.gens {
		dst = binary.LittleEndian.AppendUint16(dst, g)
	}
	for _, o := range s.owners {
		dst = append(dst, byte(o))
	}
	for _, c := range s.cells {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(c))
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s.Events)))
	for _, e := range s.Events {
		dst = append(dst, e.Kind, byte(e.Team))
		for _, a := range e.Args {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(a))
		}
	}
	return dst
}

func (s *Snapshot) load(r *reader) {
	want := int(r.uint32())
	before := len(r.b)
	s.Tick = Tick(r.uint32())
	for i := range s.live {
		s.live[i] = r.uint64()
	}
	for i := range s.gens {
		s.gens[i] = r.uint16()
	}
	for i := range s.owners {
		s.owners[i] = TeamID(r.byte())
	}
	for i := range s.cells {
		s.cells[i] = int32(r.uint32())
	}
	s.Events = s.Events[:0]
	for n := r.uint32(); n > 0 && r.err == nil; n-- {
		e := Event{Kind: r.byte(), Team: TeamID(r.byte())}
		for i := range e.Args {
			e.Args[i] = int32(r.uint32())
		}
		s.Events = append(s.Events, e)
	}
	if before-len(r.b) != want || !s.fits() {
		r.fail("a snapshot of another schema")
	}
}

// fits reports whether rows and events are such as the layout has.
func (s *Snapshot) fits() bool {
	for i := range s.layout.tables {
		t := &s.layout.tables[i]
		last := s.live[t.word+t.words-1]
		if bits.Len64(last) > t.Capacity-(t.words-1)<<6 {
			return false
		}
	}
	for i := range s.Events {
		if int(s.Events[i].Kind) >= len(s.layout.Schema.Events) {
			return false
		}
	}
	return true
}

// reader takes little-endian numbers off a slice; after its end they are zero
// and err is set.
type reader struct {
	b   []byte
	err error
}

func (r *reader) take(n int) []byte {
	if len(r.b) < n {
		r.fail("cut short")
		return make([]byte, n)
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) fail(text string) {
	if r.err == nil {
		r.err = errors.New(text)
	}
	r.b = nil
}

func (r *reader) byte() byte     { return r.take(1)[0] }
func (r *reader) uint16() uint16 { return binary.LittleEndian.Uint16(r.take(2)) }
func (r *reader) uint32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *reader) uint64() uint64 { return binary.LittleEndian.Uint64(r.take(8)) }

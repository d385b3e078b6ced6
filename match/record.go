package match

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// A Record is exactly what the rules of a match were given, and so the match:
// who joined and left and when, each tick's inputs as applied, and now and
// then the exact hash to check by. It begins at the exact state of its first
// segment and covers at least the last ten minutes.
type Record struct {
	Match    protocol.MatchID
	Mode     string
	Seed     uint64
	Segments []Segment
	End      game.Tick // the last tick
	Hash     uint64    // exact hash at End
	Failed   bool      // the rules panicked after End: so they will again, there is no hash
}

// A Segment is a stretch of a record that can be run by itself.
type Segment struct {
	From  game.Tick
	State []byte // exact, at From
	Log   []byte // see the ops below
}

// A log is a sequence of ops, one byte each, with varints behind it.
const (
	opJoin  = 'J' // seat
	opLeave = 'L' // seat
	opInput = 'I' // seat, mask of what differs from the seat's last input, zigzag differences
	opStep  = 'T' // the tick is complete
	opHash  = 'H' // 8 bytes: the exact hash after the tick
)

// Cadences of a record, in ticks and time.
const (
	hashEvery   = 64
	segmentTime = 5 * time.Minute
	segments    = 3
)

// A recorder writes the record of a running match, on its goroutine.
type recorder struct {
	record  Record
	perSeg  int // ticks of a segment
	ticks   int // in the current segment
	last    []game.Input
	scratch []byte
}

func newRecorder(id protocol.MatchID, seed uint64, sim *game.Sim) *recorder {
	m := sim.Mode()
	r := &recorder{
		record: Record{Match: id, Mode: m.Name, Seed: seed},
		perSeg: int(segmentTime/time.Second) * m.Hz,
		last:   make([]game.Input, m.Seats),
	}
	r.begin(sim)
	return r
}

// begin starts a segment at the sim's state and lets go of the oldest.
func (r *recorder) begin(sim *game.Sim) {
	if len(r.record.Segments) == segments {
		copy(r.record.Segments, r.record.Segments[1:])
		r.record.Segments = r.record.Segments[:segments-1]
	}
	r.record.Segments = append(r.record.Segments, Segment{
		From:  sim.Now().Tick,
		State: sim.Save(nil),
		Log:   make([]byte, 0, 64<<10),
	})
	clear(r.last)
	r.ticks = 0
}

func (r *recorder) log() *[]byte { return &r.record.Segments[len(r.record.Segments)-1].Log }

func (r *recorder) join(seat game.Seat)  { r.seatOp(opJoin, seat) }
func (r *recorder) leave(seat game.Seat) { r.seatOp(opLeave, seat) }

func (r *recorder) seatOp(op byte, seat game.Seat) {
	l := r.log()
	*l = binary.AppendUvarint(append(*l, op), uint64(seat))
}

// step records a tick's inputs, before or after the rules were given them.
func (r *recorder) step(inputs []game.Input) {
	l := *r.log()
	for i := range inputs {
		l = r.input(l, &inputs[i])
	}
	*r.log() = append(l, opStep)
	r.ticks++
}

func (r *recorder) input(l []byte, in *game.Input) []byte {
	last := &r.last[in.Seat]
	var mask uint64
	if in.Lag != last.Lag {
		mask = 1
	}
	for i := range in.Values {
		if in.Values[i] != last.Values[i] {
			mask |= 2 << i
		}
	}
	if mask == 0 {
		return l
	}
	l = binary.AppendUvarint(append(l, opInput), uint64(in.Seat))
	l = binary.AppendUvarint(l, mask)
	if mask&1 != 0 {
		l = binary.AppendVarint(l, int64(in.Lag)-int64(last.Lag))
	}
	for i := range in.Values {
		if mask>>(i+1)&1 != 0 {
			l = binary.AppendVarint(l, int64(in.Values[i])-int64(last.Values[i]))
		}
	}
	*last = *in
	return l
}

// stepped records what the step led to, and begins a new segment when due.
func (r *recorder) stepped(sim *game.Sim) {
	if sim.Now().Tick%hashEvery == 0 {
		l := r.log()
		*l = binary.LittleEndian.AppendUint64(append(*l, opHash), r.hash(sim))
	}
	if r.ticks == r.perSeg {
		r.begin(sim)
	}
}

func (r *recorder) hash(sim *game.Sim) (h uint64) {
	h, r.scratch = sim.Hash(r.scratch)
	return h
}

// finish returns the record up to the sim's present state. The recorder is
// not used after it. Rules that panicked are not asked again.
func (r *recorder) finish(sim *game.Sim, failed bool) *Record {
	r.record.End, r.record.Failed = sim.Now().Tick, failed
	if !failed {
		r.record.Hash = r.hash(sim)
	}
	return &r.record
}

// ErrDiverged says that running a record again led elsewhere.
var ErrDiverged = errors.New("the record and the rules lead to different states")

// Replay runs the record from its first segment to its end and checks every
// hash on the way. It returns the sim at the end; an error that wraps
// ErrDiverged names the tick.
func (r *Record) Replay(m *game.Mode) (*game.Sim, error) {
	if len(r.Segments) == 0 {
		return nil, errors.New("replay: an empty record")
	}
	sim, err := game.LoadSim(m, r.Segments[0].State)
	if err != nil {
		return nil, fmt.Errorf("replay %s: %w", r.Match, err)
	}
	for i := range r.Segments {
		p := player{sim: sim, log: r.Segments[i].Log, inputs: make([]game.Input, m.Seats)}
		if err := p.run(); err != nil {
			return sim, fmt.Errorf("replay %s: tick %d: %w", r.Match, sim.Now().Tick, err)
		}
	}
	if r.Failed {
		return sim, nil
	}
	if h, _ := sim.Hash(nil); sim.Now().Tick != r.End || h != r.Hash {
		return sim, fmt.Errorf("replay %s: end at tick %d, want %d: %w", r.Match, sim.Now().Tick, r.End, ErrDiverged)
	}
	return sim, nil
}

// A player runs one segment's log.
type player struct {
	sim    *game.Sim
	log    []byte
	inputs []game.Input // by seat, as last recorded
	step   []game.Input
}

func (p *player) run() error {
	for len(p.log) > 0 {
		op := p.log[0]
		p.log = p.log[1:]
		if err := p.do(op); err != nil {
			return err
		}
	}
	return nil
}

var errLog = errors.New("damaged log")

func (p *player) do(op byte) error {
	switch op {
	case opStep:
		p.step = p.step[:0]
		for s := range p.inputs {
			if p.sim.Joined(game.Seat(s)) {
				p.inputs[s].Seat = game.Seat(s)
				p.step = append(p.step, p.inputs[s])
			}
		}
		p.sim.Step(p.step)
		return nil
	case opHash:
		if len(p.log) < 8 {
			return errLog
		}
		want := binary.LittleEndian.Uint64(p.log)
		p.log = p.log[8:]
		if got, _ := p.sim.Hash(nil); got != want {
			return ErrDiverged
		}
		return nil
	}
	seat := p.uvarint()
	if seat >= uint64(len(p.inputs)) {
		return errLog
	}
	switch op {
	case opJoin:
		p.sim.Join(game.Seat(seat))
	case opLeave:
		p.sim.Leave(game.Seat(seat))
	case opInput:
		p.input(&p.inputs[seat])
	default:
		return errLog
	}
	return nil
}

func (p *player) input(in *game.Input) {
	mask := p.uvarint()
	if mask&1 != 0 {
		in.Lag += int32(p.varint())
	}
	for i := range in.Values {
		if mask>>(i+1)&1 != 0 {
			in.Values[i] += int32(p.varint())
		}
	}
}

func (p *player) uvarint() uint64 {
	v, n := binary.Uvarint(p.log)
	p.log = p.log[max(n, 0):]
	return v
}

func (p *player) varint() int64 {
	v, n := binary.Varint(p.log)
	p.log = p.log[max(n, 0):]
	return v
}

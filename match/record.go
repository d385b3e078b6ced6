package match

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"runtime/debug"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// A Record is exactly what the rules of a match were given, and so the match:
// who joined and left and when, each tick's inputs as applied, and now and
// then the exact hash to check by. It begins at the exact state of its first
// segment and covers at least the last ten minutes, or, where so many play that
// these would fill memory, the last 16 MB.
type Record struct {
	Match    protocol.MatchID
	Mode     string
	Seed     uint64
	Segments []Segment
	End      game.Tick // the last tick
	Hash     uint64    // exact hash at End
	Failed   bool      // the rules panicked after End: so they will again, there is no hash
}

// Size is how many bytes the record's states and logs take.
func (r *Record) Size() (n int) {
	for i := range r.Segments {
		n += len(r.Segments[i].State) + len(r.Segments[i].Log)
	}
	return n
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
	hashEvery    = 64
	segmentTime  = 5 * time.Minute
	segmentBytes = 8 << 20 // of its log; a thousand players who turn at every tick fill it in a minute
	segments     = 3
)

// A recorder writes the record of a running match, on its goroutine.
type recorder struct {
	record  Record
	perSeg  int // ticks of a segment
	maxLog  int // bytes after which it ends all the same
	ticks   int // in the current segment
	last    []game.Input
	state   []byte // of a segment that was let go, to be used again
	scratch []byte
}

func newRecorder(id protocol.MatchID, seed uint64, sim *game.Sim) *recorder {
	m := sim.Mode()
	r := &recorder{
		record: Record{Match: id, Mode: m.Name, Seed: seed, Segments: make([]Segment, 0, segments)},
		perSeg: int(segmentTime/time.Second) * m.Hz, maxLog: segmentBytes,
		last: make([]game.Input, m.Seats),
	}
	r.begin(sim)
	return r
}

// begin starts a segment at the sim's state and lets go of the oldest, whose
// memory it uses again. Should the rules panic while they save, all is as it
// was.
func (r *recorder) begin(sim *game.Sim) {
	var old Segment
	if len(r.record.Segments) == segments {
		old = r.record.Segments[0]
	}
	next := Segment{From: sim.Now().Tick, State: sim.Save(r.state[:0])}
	if old.State != nil {
		copy(r.record.Segments, r.record.Segments[1:])
		r.record.Segments = r.record.Segments[:segments-1]
	}
	next.Log, r.state = old.Log[:0], old.State
	r.record.Segments = append(r.record.Segments, next)
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

// step records a tick's inputs, before the rules are given them.
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
	if r.ticks == r.perSeg || len(*r.log()) >= r.maxLog {
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

// Errors of a replay.
var (
	ErrDiverged = errors.New("the record and the rules lead to different states")
	ErrDamaged  = errors.New("the record is damaged")
	ErrPanicked = errors.New("the rules panicked")
)

// Replay runs the record from its first segment to its end and checks every
// hash on the way. It returns the sim as far as it came; an error names the
// tick and wraps one of those above. Where Failed is set, ErrPanicked is what
// is expected, if the match did not fail in Result, Save or a bot: these are
// not replayed.
func (r *Record) Replay(m *game.Mode) (*game.Sim, error) { return r.replay(m, func(*game.Sim) {}) }

// replay calls each after every step.
func (r *Record) replay(m *game.Mode, each func(*game.Sim)) (*game.Sim, error) {
	if r.Mode != m.Name || len(r.Segments) == 0 {
		return nil, fmt.Errorf("replay %s: %w: it is empty, or of mode %q", r.Match, ErrDamaged, r.Mode)
	}
	p := player{mode: m, each: each}
	err := p.play(r)
	if err != nil {
		err = fmt.Errorf("replay %s: tick %d: %w", r.Match, p.tick, err)
	}
	return p.sim, err
}

// A player runs a record's logs.
type player struct {
	mode   *game.Mode
	each   func(*game.Sim)
	sim    *game.Sim
	tick   game.Tick    // the last that was complete
	log    []byte       // what is left of the segment's
	inputs []game.Input // by seat, as last recorded
	step   []game.Input
}

// play runs a record. What the rules make of a damaged one may be a panic,
// which ends the replay only.
func (p *player) play(r *Record) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("%w: %v\n%s", ErrPanicked, x, debug.Stack())
		}
	}()
	if p.sim, err = game.LoadSim(p.mode, r.Segments[0].State); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	p.tick = p.sim.Now().Tick
	for i := range r.Segments {
		if p.tick != r.Segments[i].From {
			return fmt.Errorf("%w: segment %d begins at tick %d", ErrDamaged, i, r.Segments[i].From)
		}
		if err := p.segment(r.Segments[i].Log); err != nil {
			return err
		}
	}
	switch {
	case r.Failed && p.tick == r.End+1:
		return ErrDiverged // the step that panicked went well
	case p.tick != r.End:
		return fmt.Errorf("%w: it ends at tick %d", ErrDamaged, r.End)
	case r.Failed:
		return nil
	}
	if h, _ := p.sim.Hash(nil); h != r.Hash {
		return ErrDiverged
	}
	return nil
}

func (p *player) segment(log []byte) error {
	p.log, p.inputs = log, make([]game.Input, p.mode.Seats)
	for i := range p.inputs {
		p.inputs[i].Seat = game.Seat(i)
	}
	for len(p.log) > 0 {
		op := p.log[0]
		p.log = p.log[1:]
		if err := p.do(op); err != nil {
			return err
		}
	}
	return nil
}

func (p *player) do(op byte) error {
	switch op {
	case opStep:
		p.steps()
		return nil
	case opHash:
		return p.check()
	}
	seat, err := p.seat()
	if err != nil {
		return err
	}
	switch op {
	case opJoin:
		p.sim.Join(seat)
	case opLeave:
		p.sim.Leave(seat)
	case opInput:
		return p.input(&p.inputs[seat])
	default:
		return ErrDamaged
	}
	return nil
}

func (p *player) steps() {
	p.step = p.step[:0]
	for s := range p.inputs {
		if p.sim.Joined(game.Seat(s)) {
			p.step = append(p.step, p.inputs[s])
		}
	}
	p.tick = p.sim.Step(p.step).Tick
	p.each(p.sim)
}

func (p *player) check() error {
	if len(p.log) < 8 {
		return ErrDamaged
	}
	want := binary.LittleEndian.Uint64(p.log)
	p.log = p.log[8:]
	if got, _ := p.sim.Hash(nil); got != want {
		return ErrDiverged
	}
	return nil
}

func (p *player) seat() (game.Seat, error) {
	s, err := p.uvarint()
	if err != nil || s >= uint64(len(p.inputs)) {
		return 0, ErrDamaged
	}
	return game.Seat(s), nil
}

// input reads what changed in a seat's input, within the bounds that inputs
// have when they are applied.
func (p *player) input(in *game.Input) error {
	mask, err := p.uvarint()
	fields := p.mode.Schema.Inputs
	if err != nil || mask == 0 || bits.Len64(mask) > 1+len(fields) {
		return ErrDamaged
	}
	if mask&1 != 0 {
		if err := p.change(&in.Lag, 0, int32(8*p.mode.Lag)); err != nil {
			return err
		}
	}
	for i, f := range fields {
		if mask>>(i+1)&1 != 0 {
			if err := p.change(&in.Values[i], f.Min, f.Max); err != nil {
				return err
			}
		}
	}
	return nil
}

// change reads a difference and adds it to a value.
func (p *player) change(value *int32, least, most int32) error {
	by, n := binary.Varint(p.log)
	sum := int64(*value) + by
	if n <= 0 || sum < int64(least) || sum > int64(most) {
		return ErrDamaged
	}
	p.log = p.log[n:]
	*value = int32(sum)
	return nil
}

func (p *player) uvarint() (uint64, error) {
	v, n := binary.Uvarint(p.log)
	if n <= 0 {
		return 0, ErrDamaged
	}
	p.log = p.log[n:]
	return v, nil
}

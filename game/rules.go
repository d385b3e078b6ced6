package game

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Rules are what a studio writes: one game. A match calls them from its own
// goroutine, one method at a time, in an order its record repeats. They must
// be deterministic (see the package comment); a panic in them ends their
// match and no other.
//
// State lives in the world's tables, sent or not (see [Nobody]), and where
// that does not fit, in the rules' own fields, which Save and Load carry.
type Rules interface {
	// Start lays out the world at tick 0. Chance is w.Rand, seeded already.
	Start(w *World)
	// Join gives the seat to a player, or back to one. Leave takes it away.
	// Both come between two steps.
	Join(w *World, seat Seat)
	Leave(w *World, seat Seat)
	// Step computes the next tick from one input of each joined seat, in the
	// order of seats. It may not keep the slice.
	Step(w *World, inputs []Input)
	// Result reports how the match ended, once it has; asked after each step.
	Result(w *World) (Result, bool)
	// Save appends the exact state beside the world's tables; Load reads it
	// back into rules that were made anew and not started.
	Save(dst []byte) []byte
	Load(src []byte) error
}

// An Input is what a seat does in one tick, as applied: within its fields'
// bounds, after repeats, neutral ones and the clamp of Lag.
type Input struct {
	Seat Seat
	// Lag is how far in the past the player saw the others when it acted, in
	// eighths of a tick, 0 to 8*Mode.Lag. See [World.Past].
	Lag    int32
	Values [MaxInputs]int32 // by field of the schema
}

// A Result lists every seat that took part, best first.
type Result []Placing

// A Placing is how one seat ended. Equal ranks are a draw between them.
type Placing struct {
	Seat  Seat
	Rank  int32 // from 1
	Score int32
}

// A Mode is a way to play a game: its rules with all that the server needs
// to know to offer them. Set its fields, hand it to cmd.Main, and never
// change it again.
type Mode struct {
	Name  string // in URLs and metrics: lower case, digits and dashes
	Game  string // whose players may play it, on a server that hosts several; default DefaultGame
	Title string // for people; default the name
	About string // what it is, for people who choose: a sentence or two
	New   func() Rules

	Schema *Schema
	Hz     int // ticks per second, 1..128
	Seats  int // of one match
	// Options are what those who make a match may choose. Players who queue get
	// the defaults.
	Options []Option
	// MinPlayers must come together before a match is made; empty seats are
	// then filled by bots, or stay empty where there is no Bot. Default 1 with
	// a Bot; without one 2, as nobody wants a match alone, or 1 of one seat.
	MinPlayers int
	// FillAfter is how long the first player waits for a full match. Default 2 s.
	FillAfter time.Duration
	// Matchmaking says who plays with whom.
	Matchmaking Matchmaking
	// Spectators says who may watch a match.
	Spectators Spectators
	// Lag is how many ticks of the past World.Past reaches, 0..MaxLag.
	Lag int
	// Bot makes the policy that plays a seat without a player. Nil means the
	// seat stays empty.
	Bot func(seat Seat, seed uint64) Bot
	// Open matches begin as soon as they are found: without a countdown, and
	// without waiting for those who shall play. They come into a world that goes on,
	// as all others do; so it goes with Matchmaking.Backfill. Default false.
	Open bool
	// BotSeats are how many seats, from the first, the Bot plays; the others
	// stay empty until players come. Default all.
	BotSeats int
	// Hidden modes are for benchmarks and tests: never listed, and only there
	// on a server that was started with -hidden.
	Hidden bool
}

// A Bot plays a seat. It is not part of the rules: what it says is recorded
// as any player's input is, so it may use what it likes, but it runs on the
// match's goroutine and must be quick. The same type plays in load tests,
// where view is what one client was sent; on the server it is everything.
type Bot interface {
	// Think fills in the values for the tick after view.
	Think(view *Snapshot, in *Input)
}

// DefaultGame is the game of modes that name none.
const DefaultGame = "main"

// MaxLag bounds Mode.Lag: history that is part of the exact state.
const MaxLag = 12

// WithDefaults returns m with what was left out filled in, or an error that
// names what is wrong.
func (m Mode) WithDefaults() (*Mode, error) {
	if m.Title == "" {
		m.Title = m.Name
	}
	if m.Game == "" {
		m.Game = DefaultGame
	}
	if m.MinPlayers == 0 {
		m.MinPlayers = 1
		if m.Bot == nil {
			m.MinPlayers = min(2, max(1, m.Seats))
		}
	}
	if m.BotSeats == 0 {
		m.BotSeats = m.Seats
	}
	if m.FillAfter == 0 {
		m.FillAfter = 2 * time.Second
	}
	m.Options = titled(m.Options)
	m.Matchmaking.defaults(m.Seats)
	m.Spectators.defaults()
	return &m, m.check()
}

func (m *Mode) check() error {
	switch {
	case !validName(m.Name):
		return fmt.Errorf("mode %q: the name may hold lower case letters, digits and dashes", m.Name)
	case !validName(m.Game) || len(m.Game) > 32:
		return fmt.Errorf("mode %s: game %q: want at most 32 lower case letters, digits and dashes", m.Name, m.Game)
	case m.New == nil || m.Schema == nil:
		return fmt.Errorf("mode %s: New and Schema are required", m.Name)
	case m.Hz < 1 || m.Hz > 128:
		return fmt.Errorf("mode %s: %d ticks per second, want 1 to 128", m.Name, m.Hz)
	case m.Seats < 1 || m.Seats > MaxSeats:
		return fmt.Errorf("mode %s: %d seats, want 1 to %d", m.Name, m.Seats, MaxSeats)
	case m.MinPlayers < 1 || m.MinPlayers > m.Seats:
		return fmt.Errorf("mode %s: MinPlayers %d of %d seats", m.Name, m.MinPlayers, m.Seats)
	case m.Lag < 0 || m.Lag > MaxLag:
		return fmt.Errorf("mode %s: lag %d ticks, want 0 to %d", m.Name, m.Lag, MaxLag)
	case m.BotSeats < 0 || m.BotSeats > m.Seats:
		return fmt.Errorf("mode %s: BotSeats %d of %d seats", m.Name, m.BotSeats, m.Seats)
	case m.FillAfter < 0:
		return fmt.Errorf("mode %s: FillAfter is negative", m.Name)
	}
	if err := m.Matchmaking.check(m.Seats); err != nil {
		return fmt.Errorf("mode %s: matchmaking: %w", m.Name, err)
	}
	if err := m.Spectators.check(); err != nil {
		return fmt.Errorf("mode %s: spectators: %w", m.Name, err)
	}
	if err := checkOptions(m.Options); err != nil {
		return fmt.Errorf("mode %s: %w", m.Name, err)
	}
	layout, err := m.Schema.Layout()
	if err != nil {
		return fmt.Errorf("mode %s: %w", m.Name, err)
	}
	if err := m.Schema.distinct(); err != nil {
		return fmt.Errorf("mode %s: schema: %w", m.Name, err)
	}
	for _, t := range layout.tables {
		if t.Audience == Private && t.Capacity < m.Seats {
			return fmt.Errorf("mode %s: private table %s has %d rows for %d seats", m.Name, t.Name, t.Capacity, m.Seats)
		}
	}
	return nil
}

func validName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return s != "" && len(s) <= 32
}

// RankByScore makes the result of the rows that live, one a seat: best first,
// equal scores sharing a rank.
func RankByScore(live func(slot int) bool, score []int32) Result {
	var r Result
	for slot := range score {
		if live(slot) {
			r = append(r, Placing{Seat: Seat(slot), Score: score[slot]})
		}
	}
	slices.SortStableFunc(r, func(a, b Placing) int { return cmp.Compare(b.Score, a.Score) })
	for i := range r {
		r[i].Rank = int32(i + 1)
		if i > 0 && r[i].Score == r[i-1].Score {
			r[i].Rank = r[i-1].Rank
		}
	}
	return r
}

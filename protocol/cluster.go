package protocol

import (
	"time"

	"github.com/musterhq/muster/game"
	"github.com/vmihailenco/msgpack/v5"
)

// This file holds what the parts of a server say to each other over the bus:
// the lobby to the match hosts and back. Both ends are ours.

// Subjects of the bus.
const (
	SubjectStart = "match.start"  // request Start, answer Placed
	SubjectOver  = "match.over"   // request Ended, once for every match that was placed; the answer is empty when it is kept
	SubjectSeats = "match.seats"  // Seats, whenever those of a match have changed that runs and may be joined, or somebody has left one
	SubjectOrder = "match.order." // with the host of a match behind it: request Order, answer Looked
	SubjectSeat  = "match.seat."  // with the host of a match behind it: request Seat, answer Placed
)

// Start leases a group of players to a match host: run this match.
type Start struct {
	Match MatchID
	Mode  string
	Seed  uint64
	Seats []StartSeat
	// Options are values of the mode's options, in its order; what is left out
	// has its default.
	Options []int32
	// Empty are the seats that stay empty. Of the others, those that are no
	// player's are bots', where the mode has any.
	Empty []game.Seat
	// Closed has nobody join later, whatever the mode says.
	Closed bool

	Region string // where it shall be played; empty: anywhere
	Why    string // these players play together, for logs
}

// A StartSeat is who shall sit where.
type StartSeat struct {
	Seat   game.Seat
	Player Player
}

// Placed answers a Start: where to play, with a pass for each of its seats in
// the same order, or why not.
type Placed struct {
	URL    string // of the socket, "" for the one this node serves
	Host   string // that takes orders about the match; for a Start
	Passes []string
	Refuse string // empty if placed: unknown_mode, full, draining; for a Seat: taken, kicked, closed, over, busy

	Revision uint32 // of the Seats in which those given are not free any more; for a Seat
}

// Seats are those of a match that others may have.
type Seats struct {
	Match    MatchID
	Revision uint32 // of Free; rises; of two, the higher holds
	Free     []game.Seat
	Left     []LeftSeat // since the news before, whatever their revisions
}

// A LeftSeat is no longer a player's, who has left or did not come in time.
type LeftSeat struct {
	Seat   game.Seat
	Player PlayerID
	Kicked bool // and is not let in again
	Quit   bool // by their own will, while the match goes on
}

// Seat asks a running match for free seats, all or none. They are kept as long
// as the passes that it answers with are good.
type Seat struct {
	Match MatchID
	Seats []StartSeat
}

// Order is what an operator wants of a running match, or somebody who would
// watch it. One without a wish only looks.
type Order struct {
	Match MatchID
	Watch PlayerID // lets somebody watch, who is told how by Looked.Pass, and nothing else
	Kick  PlayerID // takes the player's seat away for good
	End   bool     // without a result
}

// Looked answers an Order: how the match is after it, or why that was not done.
type Looked struct {
	Refuse   string // empty if it was done: over, busy, not_here; to who would watch: forbidden, seated, crowded
	Pass     string // to watch
	Running  bool   // false: players are waited for
	Began    int64  // Unix milliseconds
	Tick     game.Tick
	Hz       int
	Permille int           // of real time that game time goes at
	Slips    int           // ticks that were given up
	Late     time.Duration // that ticks begin, in the mean of the last ones
	Seats    []LookedSeat  // but for empty ones
	Watching int           // people
}

// A LookedSeat is a seat of a match that runs.
type LookedSeat struct {
	Seat   game.Seat
	Team   game.TeamID
	Status SeatStatus
	Player PlayerID // empty: it is a bot's
	Name   string
	RTT    time.Duration // 0: unknown
}

// Ended is how a match came out.
type Ended struct {
	Match  MatchID
	Game   string
	Mode   string
	Why    string // as in Over
	Ticks  game.Tick
	Result game.Result
	Seats  []EndedSeat // players only: those who left before the end first
	Bots   []EndedBot  // that played to the end
	Custom bool        // its players were chosen, not found: it counts for no rating
}

// An EndedSeat is a player who took part in a match.
type EndedSeat struct {
	Seat   game.Seat
	Team   game.TeamID
	Player Player
	Left   bool // for good, before the end; the seat may have had another player afterwards
}

// An EndedBot is a seat that no player had at the end of a match.
type EndedBot struct {
	Seat game.Seat
	Team game.TeamID
}

// Marshal returns the bytes of one of these messages.
func Marshal(m any) []byte {
	b, err := msgpack.Marshal(m)
	if err != nil {
		panic(err) // our own types always marshal
	}
	return b
}

// Unmarshal reads what Marshal wrote. The library believes every count, and
// would make 48 GB of a dozen bytes, so they are looked over first.
func Unmarshal(b []byte, m any) error {
	c := cursor{b: b}
	c.value(8)
	if err := c.end(); err != nil {
		return err
	}
	return msgpack.Unmarshal(b, m)
}

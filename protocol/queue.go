package protocol

import "time"

// This file holds the messages of the queue: the server's Ticket and Offer,
// and the client's Accept.

// Ticket tells what became of a player's ticket where no Assignment does, and
// while it waits, from time to time, why: [-12, id, mode, state, reason], and
// where it waits also [… waited, gap, ping, in range, estimate, why].
type Ticket struct {
	ID     string
	Mode   string
	State  string // waiting, cancelled, failed
	Reason string // stable, empty where it waits: see PROTOCOL.md
	Wait   Wait   // where it waits
}

// A Wait is why a ticket waits.
type Wait struct {
	Waited   time.Duration // ms on the wire, as all times here
	Gap      int           // points of rating to anybody else that it accepts by now; 0: any
	Ping     int           // ms to the region of the match, likewise
	InRange  int           // players within that
	Estimate time.Duration // that it will go on, by those who waited lately; 0: nobody knows
	Why      string        // stable: alone, unsuited, no_region, held; empty if nobody has looked yet
}

// Offer asks a player whether to play a match that was found, and says how many
// have accepted; it is sent again when that changes: [-25, ticket, mode, left,
// players, accepted, you].
type Offer struct {
	Ticket   string
	Mode     string
	Left     time.Duration // to answer, ms on the wire
	Players  int
	Accepted int
	You      bool // have accepted
}

// Accept answers an Offer: [-13, ticket, yes].
type Accept struct {
	Ticket string
	Yes    bool
}

// stateWaiting is the State in which a Ticket has a Wait.
const stateWaiting = "waiting"

func (m Ticket) encode(e *encoder) {
	if m.State != stateWaiting {
		e.open(TypeTicket, 4)
		m.head(e)
		return
	}
	e.open(TypeTicket, 10)
	m.head(e)
	e.ms(m.Wait.Waited)
	e.int(int64(m.Wait.Gap))
	e.int(int64(m.Wait.Ping))
	e.int(int64(m.Wait.InRange))
	e.ms(m.Wait.Estimate)
	e.str(m.Wait.Why)
}

func (m Ticket) head(e *encoder) {
	e.str(m.ID)
	e.str(m.Mode)
	e.str(m.State)
	e.str(m.Reason)
}

// ticket reads one of n elements and says how many it knows.
func (d *decoder) ticket(n int) (m Ticket, known int) {
	m = Ticket{ID: d.str(maxID), Mode: d.str(maxID), State: d.str(maxID), Reason: d.str(maxID)}
	if m.State != stateWaiting || n <= 5 {
		return m, 5
	}
	m.Wait = Wait{d.ms(), d.count(), d.count(), d.count(), d.ms(), d.str(maxID)}
	return m, 11
}

func (m Offer) encode(e *encoder) {
	e.open(TypeOffer, 6)
	e.str(m.Ticket)
	e.str(m.Mode)
	e.ms(m.Left)
	e.int(int64(m.Players))
	e.int(int64(m.Accepted))
	e.bool(m.You)
}

func (d *decoder) offer() Offer {
	return Offer{d.str(maxID), d.str(maxID), d.ms(), int(d.int(0, maxPeople)), int(d.int(0, maxPeople)), d.bool()}
}

func (m Accept) encode(e *encoder) {
	e.open(TypeAccept, 2)
	e.str(m.Ticket)
	e.bool(m.Yes)
}

func (d *decoder) accept() Accept { return Accept{d.str(maxID), d.bool()} }

// ms is a time as the wire has it, up to 24 days.
func (e *encoder) ms(t time.Duration) {
	e.int(min(max(t.Milliseconds(), 0), maxMs))
}

func (d *decoder) ms() time.Duration { return time.Duration(d.int(0, maxMs)) * time.Millisecond }

const maxMs = 1<<31 - 1

func (d *decoder) count() int { return int(d.int(0, 1<<31-1)) }

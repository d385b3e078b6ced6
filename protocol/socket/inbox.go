package socket

import "sync"

// An Arrival is a connection handed to a new owner.
type Arrival struct {
	Conn *Conn
	Note any // what the giver says with it, such as a decoded protocol.Join
}

// An Inbox is where an owner takes in connections. It is bounded, and safe
// for concurrent use. A connection changes hands only after its Read has
// returned, never from inside a Handler.
type Inbox struct {
	arrivals chan Arrival

	mu     sync.Mutex // makes Close wait for a Hand under way
	closed bool
}

// NewInbox returns an Inbox in which capacity connections may wait.
func NewInbox(capacity int) *Inbox {
	return &Inbox{arrivals: make(chan Arrival, capacity)}
}

// Hand gives c to the inbox's owner. It never waits: on false, the inbox is
// full or closed and the giver keeps c. It panics inside a Handler: there c
// still runs on the giver's stack.
func (in *Inbox) Hand(c *Conn, note any) bool {
	if c.reading {
		panic("socket: a connection was handed over inside its own Read")
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return false
	}
	select {
	case in.arrivals <- Arrival{c, note}:
		return true
	default:
		return false
	}
}

// Arrivals is where the owner receives. It is never closed.
func (in *Inbox) Arrivals() <-chan Arrival { return in.arrivals }

// Close refuses what comes from now on and returns what has come and was not
// received; an owner that stops gives these back to the hall. A Hand that
// returned true is either received or returned here.
func (in *Inbox) Close() []Arrival {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
	var left []Arrival
	for {
		select {
		case a := <-in.arrivals:
			left = append(left, a)
		default:
			return left
		}
	}
}

package socket

import "github.com/musterhq/muster/protocol"

// A Follower follows players from owner to owner: it is told where their
// connections stand, and what they say there that is for none of the owners. It
// is called by the goroutines of all owners at once, and must not block.
type Follower interface {
	// Stands says that c has come to a place. The first time c is a new one.
	Stands(c *Conn, at Place)
	// Said hands on a message that is for no owner: Say and MailAck.
	Said(c *Conn, m protocol.Control)
	// Gone says that c has ended. It is told once of each that was opened.
	Gone(c *Conn)
}

// A Place is where a connection stands, as far as others may know.
type Place struct {
	State    protocol.PresenceState
	Where    string // the id of a room or match, empty in the hall
	Joinable bool   // others may come there
}

// Stands tells the follower where the connection is now. Each owner says so
// when it takes one in; a [Hall] does by itself.
func (c *Conn) Stands(at Place) {
	if f := c.up.cfg.Follower; f != nil {
		f.Stands(c, at)
	}
}

// Said gives the follower a message that the owner has no use for.
func (c *Conn) Said(m protocol.Control) {
	if f := c.up.cfg.Follower; f != nil {
		f.Said(c, m)
	}
}

func (c *Conn) gone() {
	if f := c.up.cfg.Follower; f != nil {
		f.Gone(c)
	}
}

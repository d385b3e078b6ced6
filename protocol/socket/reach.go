package socket

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/musterhq/muster/protocol"
)

// reach finds the connections of an Upgrader by player, for those who do not
// own them and have something to say. They leave it with the connection, whose
// owner carries it out when it next reads: so it does not matter where the
// connection stands, or that it is being handed on.
type reach struct {
	mu sync.RWMutex
	of map[protocol.PlayerID][]*Conn // under mu: oldest first, never empty
}

// A word is what waits for a connection's owner.
type word struct {
	waits atomic.Bool // there is something; all that a beat looks at

	mu    sync.Mutex
	tells [][]byte         // under mu: oldest first
	bytes int              // under mu: of tells
	end   *protocol.Reason // under mu
}

// Tell sends a control message to a player's newest connection, whoever owns
// it, and from any goroutine. Messages to one player keep their order. It
// returns false if the player has none, or if more than Config.ControlQueue
// waits for the owner; true says that it waits, and may still be lost with the
// connection. The connection keeps msg, which must not be changed any more.
func (u *Upgrader) Tell(p protocol.PlayerID, msg []byte) bool {
	u.reach.mu.RLock()
	defer u.reach.mu.RUnlock()
	all := u.reach.of[p]
	return len(all) > 0 && all[len(all)-1].leave(msg)
}

// End has a player's connections say goodbye on their owners' next beats, those
// of one session or, if it is empty, all. It returns how many, and may be
// called from any goroutine.
func (u *Upgrader) End(p protocol.PlayerID, session string, r protocol.Reason) (n int) {
	u.reach.mu.RLock()
	defer u.reach.mu.RUnlock()
	for _, c := range u.reach.of[p] {
		if session == "" || c.session == session {
			c.word.finish(r)
			n++
		}
	}
	return n
}

// Connected says whether a player has a connection. From any goroutine.
func (u *Upgrader) Connected(p protocol.PlayerID) bool {
	u.reach.mu.RLock()
	defer u.reach.mu.RUnlock()
	return len(u.reach.of[p]) > 0
}

func (r *reach) add(c *Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.of[c.player.ID] = append(r.of[c.player.ID], c)
}

func (r *reach) remove(c *Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.DeleteFunc(r.of[c.player.ID], func(other *Conn) bool { return other == c })
	if len(all) > 0 {
		r.of[c.player.ID] = all
	} else {
		delete(r.of, c.player.ID)
	}
}

func (c *Conn) leave(msg []byte) bool {
	w := &c.word
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.bytes+len(msg) > c.up.cfg.ControlQueue {
		return false
	}
	w.tells, w.bytes = append(w.tells, msg), w.bytes+len(msg)
	w.waits.Store(true)
	return true
}

func (w *word) finish(r protocol.Reason) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.end == nil {
		w.end = &r
		w.waits.Store(true)
	}
}

// Heed carries out what others have left by [Upgrader.Tell] and [Upgrader.End],
// as Read does first: for an owner that cannot take in anything for a while. It
// returns what Ended does.
func (c *Conn) Heed() error {
	if c.word.waits.Load() {
		c.heed()
	}
	return c.ended
}

// heed carries out what others have left.
func (c *Conn) heed() {
	tells, end := c.word.take()
	for _, msg := range tells {
		c.Send(msg)
	}
	if end != nil {
		c.Goodbye(*end)
	}
}

func (w *word) take() (tells [][]byte, end *protocol.Reason) {
	w.mu.Lock()
	defer w.mu.Unlock()
	tells, end = w.tells, w.end
	w.tells, w.bytes, w.end = nil, 0, nil
	w.waits.Store(false)
	return tells, end
}

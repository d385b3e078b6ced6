package social

import (
	"slices"
	"sync"

	"github.com/musterhq/muster/protocol"
)

// A circle knows who is here, and what each has to be told of the others.
// Those who are not in it are offline.
type circle struct {
	mu  sync.Mutex
	of  map[address]*person // under mu
	due map[address]*person // under mu: those with news
}

// A person is somebody who is here. Under circle.mu.
type person struct {
	who      Who
	at       Presence
	loaded   bool // row is known
	row      row  // never changed, only replaced
	revision uint64
	news     map[protocol.PlayerID]struct{} // whose tie or presence has changed since it was told
}

// set notes where a player is, for its friends to be told. Offline takes it out.
func (c *circle) set(who Who, at Presence) (came bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := who.address()
	p := c.of[a]
	if at.State == protocol.Offline {
		if p != nil {
			delete(c.of, a)
			delete(c.due, a)
			c.spread(p)
		}
		return false
	}
	if came = p == nil; came {
		p = &person{news: make(map[protocol.PlayerID]struct{})}
		c.of[a] = p
	}
	changed := p.at != at || p.who != who
	p.who, p.at = who, at
	if changed {
		c.spread(p)
	}
	return came
}

// learn takes in a player's row, unless a newer one is known, and notes which
// ties have changed.
func (c *circle) learn(a address, r row, revision uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.of[a]
	if p == nil || p.loaded && revision <= p.revision {
		return
	}
	old, fresh := p.row, !p.loaded
	p.row, p.revision, p.loaded = r, revision, true
	if fresh {
		c.spread(p)
		return // the player itself is told by Greet
	}
	for _, t := range append(slices.Clone(r.Ties), old.Ties...) {
		if old.tie(t.Player).Is != r.tie(t.Player).Is {
			c.note(p, t.Player)
			c.noteFriend(c.of[address{p.who.Game, t.Player}], p.who.ID) // a friend is one in both rows
		}
	}
}

// spread gives a player's friends who are here the news of it. Under mu.
func (c *circle) spread(p *person) {
	for _, t := range p.row.Ties {
		if t.Is == protocol.TieFriend {
			c.noteFriend(c.of[address{p.who.Game, t.Player}], p.who.ID)
		}
	}
}

// noteFriend gives a watcher news of somebody, if that is a friend of its own.
// Under mu.
func (c *circle) noteFriend(watcher *person, of protocol.PlayerID) {
	if watcher != nil && watcher.row.tie(of).Is == protocol.TieFriend {
		c.note(watcher, of)
	}
}

// note gives a watcher news of somebody. Under mu.
func (c *circle) note(watcher *person, of protocol.PlayerID) {
	watcher.news[of] = struct{}{}
	c.due[watcher.who.address()] = watcher
}

// row returns the row of a player who is here, only to be looked at.
func (c *circle) row(a address) (row, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.of[a]
	if p == nil || !p.loaded {
		return row{}, false
	}
	return p.row, true
}

// A seen is what others may know of a player who is here.
type seen struct {
	who Who
	at  Presence
}

// seen returns a player who is here and to whom the watcher is a friend too.
func (c *circle) seen(a address, watcher protocol.PlayerID) (seen, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seenBy(a, watcher)
}

// seenBy is seen under mu.
func (c *circle) seenBy(a address, watcher protocol.PlayerID) (seen, bool) {
	p := c.of[a]
	if p == nil || !p.loaded || p.row.tie(watcher).Is != protocol.TieFriend {
		return seen{}, false
	}
	return seen{p.who, p.at}, true
}

// here says whether a player is.
func (c *circle) here(a address) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of[a] != nil
}

// unloaded returns those whose rows could not be read yet.
func (c *circle) unloaded() (all []seen) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.of {
		if !p.loaded {
			all = append(all, seen{p.who, p.at})
		}
	}
	return all
}

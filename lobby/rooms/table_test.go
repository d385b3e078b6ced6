package rooms

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// TestRandomVerbs: whatever members do, in whatever order, a table stays one at
// which people can sit, and clients who are told now and then see it as it is.
func TestRandomVerbs(t *testing.T) {
	for seed := range uint64(60) {
		c := &chaos{t: t, rnd: rand.New(rand.NewPCG(seed, 1)), now: time.Unix(1e9, 0), model: map[protocol.PlayerID]int{}}
		modes := map[string]*game.Mode{}
		for _, m := range testModes() {
			modes[m.Name] = m
		}
		c.table = newTable(modes, modes["ffa"], []int32{0, 5}, 4)
		c.view = newView("CODE")
		for i := range c.mirrors {
			c.mirrors[i] = &protocol.RoomMirror{}
		}
		for step := range 300 {
			what := c.step()
			c.check(fmt.Sprintf("seed %d, step %d: %s", seed, step, what))
			if t.Failed() {
				return
			}
		}
	}
}

// A chaos is a table to which anything happens. Its model is only who is a
// member, by when each came, and who may not come again.
type chaos struct {
	t       *testing.T
	rnd     *rand.Rand
	now     time.Time
	table   *table
	view    view
	mirrors [3]*protocol.RoomMirror
	model   map[protocol.PlayerID]int
	came    int
	banned  []protocol.PlayerID
}

func (c *chaos) somebody() protocol.PlayerID { return protocol.PlayerID('a' + byte(c.rnd.IntN(8))) }

func (c *chaos) step() string {
	c.now = c.now.Add(time.Duration(c.rnd.IntN(3000)) * time.Millisecond)
	id := c.somebody()
	p := c.table.person(id)
	switch c.rnd.IntN(10) {
	case 0, 1:
		return c.join(id)
	case 2:
		c.table.remove(id)
		delete(c.model, id)
		return "leaves " + string(id)
	case 3:
		return c.connection(p)
	case 4:
		return c.clock()
	default:
		if p == nil {
			return "nothing"
		}
		return c.verb(p)
	}
}

func (c *chaos) join(id protocol.PlayerID) string {
	who := protocol.Player{ID: id, Name: string(id)}
	open := len(c.model)+c.table.bots() < c.table.size
	err := c.table.admits(id, Entry{friend: c.table.host})
	_, member := c.model[id]
	switch may := open && !slices.Contains(c.banned, id) && !c.table.locked; {
	case member:
	case (err == nil) != may:
		c.t.Errorf("%s may come: %v, got %v", id, may, err)
	case err == nil:
		if err := c.table.add(who, c.now); err != nil {
			c.t.Errorf("%s was admitted and finds no seat: %v", id, err)
		}
		c.came++
		c.model[id] = c.came
	}
	return "joins " + string(id)
}

func (c *chaos) connection(p *person) string {
	switch n := c.rnd.IntN(3); {
	case p == nil:
	case n == 0:
		c.table.come(p)
	case n == 1:
		c.table.lose(p, c.now)
	default:
		c.table.leaves(p, "m1")
	}
	return "comes or goes"
}

func (c *chaos) clock() string {
	cfg := Config{}
	cfg.Modes = testModes()
	_ = cfg.validate()
	away, launch := c.table.clock(c.now, &cfg, func(protocol.MatchID) bool { return c.rnd.IntN(2) == 0 })
	for _, p := range away {
		c.table.remove(p.ID)
		delete(c.model, p.ID)
	}
	if launch {
		c.checkPlan(c.table.plan())
		c.table.phase = protocol.RoomStarts
		if c.rnd.IntN(2) == 0 {
			c.table.started("m1", c.now)
		} else {
			c.table.rest()
		}
	}
	return "time passes"
}

func (c *chaos) verb(p *person) string {
	verbs := []protocol.RoomVerb{1, 2, 3, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 99}
	d := deed{protocol.RoomDo{Verb: verbs[c.rnd.IntN(len(verbs))], Player: c.somebody(), Number: c.rnd.IntN(6),
		Text: []string{"ffa", "pairs", "ffa-x", "chess", ""}[c.rnd.IntN(5)], Values: []int32{int32(c.rnd.IntN(3)), int32(c.rnd.IntN(11))}[:c.rnd.IntN(3)]}, p, c.now}
	if c.rnd.IntN(40) == 0 {
		d.Number = 1024
	}
	host := c.table.host
	out, err := c.table.do(d, 5*time.Second)
	if d.Verb >= protocol.RoomMode && d.Verb < 99 && p.ID != host && err != ErrNotHost {
		c.t.Errorf("%s, who is not the host, does %d: %v", p.ID, d.Verb, err)
	}
	if was := slices.Index(c.banned, d.Player); d.Verb == protocol.RoomUnban && p.ID == host {
		if (err == nil) != (was >= 0) {
			c.t.Errorf("%s, banned: %v, may come again: %v", d.Player, was >= 0, err)
		}
		c.banned = slices.DeleteFunc(c.banned, func(id protocol.PlayerID) bool { return id == d.Player })
	}
	if out != nil {
		c.table.remove(out.ID)
		delete(c.model, out.ID)
		if d.Verb == protocol.RoomBan {
			c.banned = append(c.banned, out.ID)
		}
	}
	return fmt.Sprintf("%s does %+v: %v", p.ID, d.RoomDo, err)
}

func (c *chaos) checkPlan(p Plan) {
	if len(p.Seats) != len(c.model) || len(p.Seats)+len(p.Empty)+c.table.bots() != c.table.mode.Seats {
		c.t.Errorf("a plan of %d players and %d empty seats for %d members and %d bots", len(p.Seats), len(p.Empty), len(c.model), c.table.bots())
	}
	for _, p := range c.table.people {
		if !p.here || !p.ready {
			c.t.Errorf("a launch without %s, who is not ready", p.ID)
		}
	}
}

// check wants every member on one seat that is in use, the longest member first,
// a host who is one of them, and clients who see it.
func (c *chaos) check(what string) {
	t := c.table
	if len(t.people) != len(c.model) {
		c.t.Errorf("%s: %d members, want %d", what, len(t.people), len(c.model))
	}
	for i, p := range t.people {
		if t.seats[p.seat].of != p || !t.usable(p.seat) || c.model[p.ID] == 0 {
			c.t.Errorf("%s: %s does not sit on seat %d of %d", what, p.ID, p.seat, t.size)
		}
		if i > 0 && c.model[t.people[i-1].ID] > c.model[p.ID] {
			c.t.Errorf("%s: the order is lost", what)
		}
	}
	taken := 0
	for i, s := range t.seats {
		if !s.open() {
			taken++
		}
		if !s.open() && !t.usable(i) || s.bot && (s.of != nil || t.mode.Bot == nil) {
			c.t.Errorf("%s: seat %d is %+v", what, i, s)
		}
	}
	if taken < len(t.people) || taken > t.size || t.mode.CheckOptions(t.options) != nil || len(t.options) != len(t.mode.Options) {
		c.t.Errorf("%s: %d of %d seats taken, options %v", what, taken, t.size, t.options)
	}
	if (t.person(t.host) == nil) != (len(t.people) == 0) {
		c.t.Errorf("%s: the host is %q", what, t.host)
	}
	c.see(what)
}

// see tells some of the clients, by deltas from what they had or anew.
func (c *chaos) see(what string) {
	c.view.look(c.table, c.now)
	for _, m := range c.mirrors {
		switch c.rnd.IntN(4) {
		case 0:
			continue
		case 1:
			if c.rnd.IntN(20) == 0 {
				*m = protocol.RoomMirror{}
			}
		}
		b := c.view.news.Message(m.Revision, c.view.since)
		got, err := protocol.ParseServer(b)
		if err != nil || !m.Apply(got.(protocol.RoomState)) {
			c.t.Fatalf("%s: %+v does not fit: %v", what, got, err)
		}
		if !reflect.DeepEqual(m.Seats, c.view.seats) || !sameHead(m.Head, headOf(c.table, c.now)) {
			c.t.Errorf("%s: a client sees\n%+v, want\n%+v", what, m.Seats, c.view.seats)
		}
	}
}

func TestCodes(t *testing.T) {
	seen := map[string]bool{}
	for range 10000 {
		c := newCode()
		if len(c) != codeLength || cleanCode(" "+c+"\n") != c || seen[c] {
			t.Fatalf("code %q, or it comes twice", c)
		}
		seen[c] = true
	}
}

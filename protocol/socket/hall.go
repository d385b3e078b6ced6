package socket

import (
	"cmp"
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/musterhq/muster/protocol"
)

// A HallHandler hears what happens in a [Hall], always on the hall's own
// goroutine. Nothing it does may block. Should it panic, the connection that it
// was about ends, and no other.
type HallHandler interface {
	Handler
	// Entered greets a connection; note is what Take was given.
	Entered(c *Conn, note any)
	// Left says that c is no longer here: why is Conn.Ended, or nil where it
	// was handed to another owner. It may only be looked at.
	Left(c *Conn, why error)
}

// HallConfig says how a [Hall] is run. A zero field means its default.
type HallConfig struct {
	Handler HallHandler

	// Refused, if set, hears that the owner named to Give or Move has not
	// taken c, which stays in the hall.
	Refused func(c *Conn, note any)

	Beat        time.Duration // between two reads of a connection, default 100 ms
	PingEvery   time.Duration // default the connection's own
	PongTimeout time.Duration // default the connection's own
	Capacity    int           // connections at most, default 10,000; more: ServerFull
	Orders      int           // Tell and Move together on one beat at most, default 65,536
}

// A Hall is where connections stand that are in no room and no match: one
// goroutine, with a slow beat, owns them all. A player has one connection
// here; the newest wins.
type Hall struct {
	cfg HallConfig // never changed

	// owned by Run
	guests []*guest
	now    *guest // whose handler runs

	mu      sync.Mutex
	door    []Arrival                    // taken, not yet entered
	orders  []order                      // to be carried out on the next beat
	present map[protocol.PlayerID]*guest // who has entered and not left; written by Run only
	count   int                          // of guests and those at the door
	closing *protocol.Reason             // everybody is told this, and nobody enters any more
}

// A guest is a connection that stands here.
type guest struct {
	conn *Conn
	to   *Inbox // where it shall be handed, nil while it shall stay
	note any
}

// An order is a Tell or a Move that waits for the beat.
type order struct {
	player protocol.PlayerID
	msg    []byte
	to     *Inbox // nil: a Tell
	note   any
}

// NewHall returns a Hall; Run makes it live.
func NewHall(cfg HallConfig) *Hall {
	whole(&cfg.Beat, 100*time.Millisecond)
	whole(&cfg.Capacity, 10_000)
	whole(&cfg.Orders, 65_536)
	return &Hall{cfg: cfg, present: make(map[protocol.PlayerID]*guest)}
}

// Run is the hall's goroutine. When ctx is done it says Draining to everybody,
// unless [Hall.Drain] has found other words, and returns.
func (h *Hall) Run(ctx context.Context) {
	beat := time.NewTicker(h.cfg.Beat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			h.Drain(protocol.Draining)
			h.turn(time.Now())
			return
		case now := <-beat.C:
			h.turn(now)
		}
	}
}

// Take gives c to the hall, which tells its handler on the next beat. It may
// be called from any goroutine that owns c, and never loses it: where the
// hall is full or closed it says so to c and ends it. One that has ended does
// not come in, nor makes its player's living one make way.
func (h *Hall) Take(c *Conn, note any) {
	if c.ended != nil {
		return
	}
	if refusal := h.admit(c, note); refusal != nil {
		c.Goodbye(*refusal)
	}
}

func (h *Hall) admit(c *Conn, note any) *protocol.Reason {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing != nil {
		return h.closing
	}
	if h.count >= h.cfg.Capacity {
		return &protocol.ServerFull
	}
	h.count++
	h.door = append(h.door, Arrival{c, note})
	return nil
}

// Here says whether p stands in the hall. From any goroutine.
func (h *Hall) Here(p protocol.PlayerID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.present[p] != nil
}

// Tell sends a control message to p on the next beat, from any goroutine. It
// returns false if p is not here, or if too much waits already. The hall keeps
// msg, which must not be changed any more.
func (h *Hall) Tell(p protocol.PlayerID, msg []byte) bool {
	return h.ask(order{player: p, msg: msg})
}

// Move hands p's connection to another owner on the next beat, from any
// goroutine. It returns false like Tell. Where the owner does not take it,
// the connection stays and HallConfig.Refused hears of it.
func (h *Hall) Move(p protocol.PlayerID, to *Inbox, note any) bool {
	return h.ask(order{player: p, to: to, note: note})
}

func (h *Hall) ask(o order) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.orders) >= h.cfg.Orders || !h.here(o.player) {
		return false
	}
	h.orders = append(h.orders, o)
	return true
}

// here says whether p is in the hall or at its door. Under mu.
func (h *Hall) here(p protocol.PlayerID) bool {
	if h.present[p] != nil {
		return true
	}
	return slices.ContainsFunc(h.door, func(a Arrival) bool { return a.Conn.player.ID == p })
}

// Give hands c to another owner, from inside the handler's Entered or Message
// only: it is done when the handler has returned, with Yield, so that what
// came behind the message goes to the new owner. It returns false if c does
// not stand here or is being given already.
func (h *Hall) Give(c *Conn, to *Inbox, note any) bool {
	if h.now == nil || h.now.conn != c || h.now.to != nil {
		return false
	}
	h.now.to, h.now.note = to, note
	return true
}

// Drain says r to everybody on the next beat, and from now on to whoever
// comes. Only the first call counts. From any goroutine.
func (h *Hall) Drain(r protocol.Reason) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing == nil {
		h.closing = &r
	}
}

// Count is how many connections are here or at the door. From any goroutine.
func (h *Hall) Count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count
}

// turn is one beat.
func (h *Hall) turn(now time.Time) {
	door, orders, closing := h.collect()
	for i, a := range door {
		share(i)
		h.enter(a)
	}
	for _, o := range orders {
		h.carryOut(o)
	}
	for i, g := range h.guests {
		share(i)
		if g.conn == nil {
			continue // replaced on this beat
		}
		if closing != nil {
			g.conn.Goodbye(*closing)
		}
		h.attend(g, now)
	}
	h.guests = slices.DeleteFunc(h.guests, func(g *guest) bool { return g.conn == nil })
}

// share lets others on this core before every 32nd connection. A beat of
// thousands takes up to 20 ms, and matches whose timers are this core's would
// tick as late: while 5,000 came back their p99 gap was 48 ms without this, and
// 40 with it (tools/bench -storm 5000).
func share(i int) {
	if i%32 == 31 {
		runtime.Gosched()
	}
}

func (h *Hall) collect() (door []Arrival, orders []order, closing *protocol.Reason) {
	h.mu.Lock()
	defer h.mu.Unlock()
	door, orders = h.door, h.orders
	h.door, h.orders = nil, nil
	return door, orders, h.closing
}

// enter lets a connection in. An older one of the same player makes way.
func (h *Hall) enter(a Arrival) {
	g := &guest{conn: a.Conn}
	defer h.rescue(g, g.conn)
	old := h.admitted(g)
	h.guests = append(h.guests, g)
	if old != nil {
		old.conn.Goodbye(protocol.Replaced)
		h.leave(old, old.conn.Ended())
	}
	a.Conn.Stands(Place{State: protocol.Online})
	h.now = g
	h.cfg.Handler.Entered(a.Conn, a.Note)
	h.now = nil
}

// admitted writes g down and returns whom it replaces.
func (h *Hall) admitted(g *guest) (old *guest) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := g.conn.player.ID
	old = h.present[id]
	h.present[id] = g
	return old
}

func (h *Hall) carryOut(o order) {
	g := h.present[o.player]
	switch {
	case g == nil: // gone since
	case o.to == nil:
		g.conn.Send(o.msg)
	case g.to == nil:
		g.to, g.note = o.to, o.note
	}
}

// attend reads and writes one connection, unless it is about to be handed on.
func (h *Hall) attend(g *guest, now time.Time) {
	defer h.rescue(g, g.conn)
	if g.to == nil {
		h.now = g
		g.conn.Read(h.cfg.Handler)
		h.now = nil
	}
	if g.to != nil && g.conn.Ended() == nil && h.handOver(g) {
		return
	}
	usual := &g.conn.up.cfg
	g.conn.heartbeat(now, cmp.Or(h.cfg.PingEvery, usual.PingEvery), cmp.Or(h.cfg.PongTimeout, usual.PongTimeout))
	if err := g.conn.Flush(); err != nil {
		h.leave(g, err)
	}
}

// rescue keeps a panic in what is done for one guest to that guest's connection
// c, unless it is another owner's already.
func (h *Hall) rescue(g *guest, c *Conn) {
	p := recover()
	if p == nil {
		return
	}
	h.now = nil
	c.report(slog.LevelError, protocol.Internal, p)
	if g.conn != nil {
		c.Goodbye(protocol.Internal)
	}
}

// handOver gives a guest to the owner it was promised to. It reports whether
// that one has taken it; from then on the connection is not ours to touch.
func (h *Hall) handOver(g *guest) bool {
	to, note := g.to, g.note
	g.to, g.note = nil, nil
	if to.Hand(g.conn, note) {
		h.leave(g, nil)
		return true
	}
	if h.cfg.Refused != nil {
		h.cfg.Refused(g.conn, note)
	}
	return false
}

// leave takes a connection out that has ended or gone to another owner.
func (h *Hall) leave(g *guest, why error) {
	c := g.conn
	h.forget(g)
	g.conn = nil
	h.cfg.Handler.Left(c, why)
}

// forget strikes g from the list of those present, unless it was replaced.
func (h *Hall) forget(g *guest) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count--
	if id := g.conn.player.ID; h.present[id] == g {
		delete(h.present, id)
	}
}

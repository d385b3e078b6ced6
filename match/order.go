package match

import (
	"context"
	"slices"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// An order is what somebody wants of a match, and where to answer.
type order struct {
	protocol.Order
	answer chan protocol.Looked // holds one
}

// serveOrder answers one order: by the match's own goroutine, on its next beat.
func (h *Host) serveOrder(ctx context.Context, data []byte) []byte {
	o := order{answer: make(chan protocol.Looked, 1)}
	if err := protocol.Unmarshal(data, &o.Order); err != nil {
		return protocol.Marshal(protocol.Looked{Refuse: "malformed"})
	}
	return protocol.Marshal(h.order(ctx, o))
}

func (h *Host) order(ctx context.Context, o order) protocol.Looked {
	m := h.match(o.Match)
	if m == nil {
		return protocol.Looked{Refuse: "over"}
	}
	select {
	case m.orders <- o:
	case <-m.gone:
		return protocol.Looked{Refuse: "over"}
	case <-ctx.Done():
		return protocol.Looked{Refuse: "busy"}
	}
	select {
	case got := <-o.answer:
		if o.Watch != "" && got.Refuse == "" {
			got.Pass = protocol.Pass{Match: m.id, Player: o.Watch, Seat: game.NoSeat, Expires: time.Now().Add(h.cfg.PassLife)}.Seal(h.cfg.PassKey)
		}
		return got
	case <-m.gone:
		return protocol.Looked{Refuse: "over"}
	case <-time.After(orderWait): // the rules may be stuck
		return protocol.Looked{Refuse: "busy"}
	}
}

// orderWait is how long an order may wait for its match, which may do what it
// says nevertheless.
const orderWait = 2 * time.Second

// obey does what was ordered. The match goes on until it is told to
// end, and what comes behind that is answered as by one that is over.
func (m *Match) obey() {
	for m.why == "" {
		select {
		case o := <-m.orders:
			o.answer <- m.carryOut(&o)
		default:
			return
		}
	}
}

// carryOut does what one order says.
func (m *Match) carryOut(o *order) protocol.Looked {
	switch {
	case o.Watch != "":
		return protocol.Looked{Refuse: m.watchRefusal(o.Watch)}
	case o.Kick != "" && !m.kick(o.Kick):
		return protocol.Looked{Refuse: "not_here"}
	case o.End:
		m.why = whyEnded
	}
	return m.looked()
}

// kick takes a player's seat away for good, whether connected or not, and lets
// nobody of that name in again, who watches likewise. It reports whether the
// player was here.
func (m *Match) kick(who protocol.PlayerID) bool {
	if c := m.spectator(who); c != nil {
		m.kicked = append(m.kicked, who)
		m.giveBack(c, protocol.Append(nil, protocol.Over{Match: m.id, Why: whyKicked}))
		return true
	}
	s := m.seatOf(who)
	if s == nil {
		return false
	}
	m.kicked = append(m.kicked, who)
	m.log.Info("a player is kicked", "player", who, "seat", s.number)
	if s.client != nil {
		m.release(s.client, whyKicked)
	} else {
		m.vacate(s, false)
	}
	return true
}

// looked is the match as operators see it.
func (m *Match) looked() protocol.Looked {
	l := protocol.Looked{
		Running: m.running, Began: m.begun.UnixMilli(), Tick: m.tick, Hz: m.mode.Hz,
		Permille: m.pace.permille, Slips: m.pace.Slips, Late: m.late,
		Watching: len(m.spectators),
	}
	for i := range m.seats {
		l.Seats = append(l.Seats, m.lookedSeat(&m.seats[i]))
	}
	l.Seats = slices.DeleteFunc(l.Seats, func(s protocol.LookedSeat) bool { return s.Status == protocol.SeatEmpty })
	return l
}

func (m *Match) lookedSeat(s *seat) protocol.LookedSeat {
	r := m.rosterSeat(s)
	l := protocol.LookedSeat{Seat: r.Seat, Team: m.sim.Team(s.number), Status: r.Status, Player: r.Player, Name: r.Name}
	if s.client != nil {
		l.RTT = time.Duration(s.client.rtt.value()) * time.Second / time.Duration(8*m.mode.Hz)
	}
	return l
}

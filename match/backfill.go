package match

import (
	"context"
	"slices"
	"sync"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// An ask is for seats of a match that runs.
type ask struct {
	seats  []protocol.StartSeat
	answer chan asked // holds one
}

// asked is what came of it.
type asked struct {
	refuse   string // empty: they are reserved
	revision uint32 // of the free seats
}

// serveSeats answers one request for seats.
func (h *Host) serveSeats(ctx context.Context, data []byte) []byte {
	var want protocol.Seat
	if err := protocol.Unmarshal(data, &want); err != nil {
		return protocol.Marshal(protocol.Placed{Refuse: "malformed"})
	}
	return protocol.Marshal(h.giveSeats(ctx, &want))
}

func (h *Host) giveSeats(ctx context.Context, want *protocol.Seat) protocol.Placed {
	m := h.match(want.Match)
	switch {
	case m == nil:
		return protocol.Placed{Refuse: "over"}
	case m.asks == nil:
		return protocol.Placed{Refuse: "closed"}
	case !seatsFit(&protocol.Start{Seats: want.Seats}, m.mode.Seats):
		return protocol.Placed{Refuse: "malformed"}
	}
	a := ask{want.Seats, make(chan asked, 1)}
	select {
	case m.asks <- a:
	case <-m.gone:
		return protocol.Placed{Refuse: "over"}
	case <-ctx.Done():
		return protocol.Placed{Refuse: "busy"}
	}
	select {
	case got := <-a.answer:
		if got.refuse != "" {
			return protocol.Placed{Refuse: got.refuse}
		}
		return protocol.Placed{URL: h.cfg.URL, Passes: h.passes(&protocol.Start{Match: m.id, Seats: want.Seats}), Revision: got.revision}
	case <-m.gone:
		return protocol.Placed{Refuse: "over"}
	}
}

// seatNews is what nobody was told yet of the seats of a host's matches: the
// newest of each. Telling may wait for the bus, so it never happens on a beat.
type seatNews struct {
	wake chan struct{} // holds one

	mu sync.Mutex
	of map[protocol.MatchID]protocol.Seats // under mu
}

func newSeatNews() *seatNews {
	return &seatNews{wake: make(chan struct{}, 1), of: make(map[protocol.MatchID]protocol.Seats)}
}

// put replaces what waits of a match; who has left adds up.
func (n *seatNews) put(s protocol.Seats) {
	n.mu.Lock()
	s.Left = append(n.of[s.Match].Left, s.Left...)
	n.of[s.Match] = s
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *seatNews) take() map[protocol.MatchID]protocol.Seats {
	n.mu.Lock()
	defer n.mu.Unlock()
	taken := n.of
	n.of = make(map[protocol.MatchID]protocol.Seats)
	return taken
}

// tellSeats publishes the news until stop is closed.
func (h *Host) tellSeats(stop <-chan struct{}) {
	for {
		select {
		case <-h.news.wake:
			for id, s := range h.news.take() {
				if err := h.bus.Publish(protocol.SubjectSeats, protocol.Marshal(s)); err != nil {
					h.log.Warn("nobody was told of free seats", "match", id, "err", err)
				}
			}
		case <-stop:
			return
		}
	}
}

// reserve answers those who have asked for seats.
func (m *Match) reserve() {
	for {
		select {
		case a := <-m.asks:
			refuse := m.give(a.seats)
			m.changed() // also after a no: whoever asked knows of other seats than there are
			a.answer <- asked{refuse, m.seatsRevision}
		default:
			return
		}
	}
}

// give reserves seats for players, all or none. A bot plays each until its
// player comes, and again if none does while the pass is good.
func (m *Match) give(seats []protocol.StartSeat) (refuse string) {
	for _, s := range seats {
		switch {
		case !m.isFree(&m.seats[s.Seat]) || m.seatOf(s.Player.ID) != nil:
			return "taken"
		case slices.Contains(m.kicked, s.Player.ID):
			return "kicked"
		}
	}
	for _, given := range seats {
		s := &m.seats[given.Seat]
		s.player, s.passed, s.until = given.Player, false, m.now.Add(m.host.cfg.PassLife)
		m.setStatus(s, protocol.SeatAway)
	}
	return ""
}

// isFree says that a seat is no player's, nor kept for one.
func (m *Match) isFree(s *seat) bool { return m.running && m.why == "" && s.player.ID == "" }

// changed notes that other seats may be free than were told.
func (m *Match) changed() { m.seatsRevision++ }

// tell has others told of free seats if they have changed, where players may
// join, and of those who have left in any case.
func (m *Match) tell() {
	if m.seatsRevision == m.seatsTold || len(m.leaving) == 0 && (m.asks == nil || !m.running) {
		return
	}
	m.host.news.put(protocol.Seats{Match: m.id, Revision: m.seatsRevision, Free: m.freeSeats(), Left: m.leaving})
	m.seatsTold, m.leaving = m.seatsRevision, nil
}

func (m *Match) freeSeats() (free []game.Seat) {
	if m.asks == nil {
		return nil
	}
	for i := range m.seats {
		if s := &m.seats[i]; m.isFree(s) {
			free = append(free, s.number)
		}
	}
	return free
}

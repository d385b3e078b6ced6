package match

import (
	"context"

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

// openSeats has a match filled while it runs, where its mode wants that: seats
// can be asked for, and who fills them is told which are free.
func (h *Host) openSeats(m *Match) error {
	if !m.mode.Matchmaking.Backfill || m.closed {
		return nil
	}
	cancel, err := h.bus.Serve(protocol.SubjectSeat+string(m.id), func(ctx context.Context, data []byte) []byte {
		return protocol.Marshal(h.serveSeats(ctx, m, data))
	})
	if err != nil {
		return err
	}
	m.asks, m.free = make(chan ask, inboxSize), make(chan protocol.Seats, 1)
	go func() {
		defer cancel()
		h.tellSeats(m)
	}()
	return nil
}

// serveSeats answers one request for seats.
func (h *Host) serveSeats(ctx context.Context, m *Match, data []byte) protocol.Placed {
	var want protocol.Seat
	if err := protocol.Unmarshal(data, &want); err != nil || want.Match != m.id || !seatsFit(&protocol.Start{Seats: want.Seats}, m.mode.Seats) {
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

// tellSeats publishes which seats are free until the match is gone. It may wait
// for the bus, so it never runs on a beat; the newest news replaces what waits.
func (h *Host) tellSeats(m *Match) {
	for {
		select {
		case s := <-m.free:
			if err := h.bus.Publish(protocol.SubjectSeats, protocol.Marshal(s)); err != nil {
				m.log.Warn("nobody was told of free seats", "err", err)
			}
		case <-m.gone:
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
		if !m.isFree(&m.seats[s.Seat]) || m.seatOf(s.Player.ID) != nil {
			return "taken"
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
func (m *Match) changed() {
	if m.asks != nil {
		m.seatsRevision++
	}
}

// tell has others told of the free seats if they have changed.
func (m *Match) tell() {
	if m.asks == nil || m.seatsRevision == m.seatsTold || !m.running {
		return
	}
	m.seatsTold = m.seatsRevision
	select {
	case <-m.free:
	default:
	}
	m.free <- protocol.Seats{Match: m.id, Revision: m.seatsRevision, Free: m.freeSeats()}
}

func (m *Match) freeSeats() (free []game.Seat) {
	for i := range m.seats {
		if s := &m.seats[i]; m.isFree(s) {
			free = append(free, s.number)
		}
	}
	return free
}

package match

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// thousand is a mode of dots for a thousand.
func thousand(tb testing.TB) *game.Mode {
	m := dotsMode(endless)
	schema := *dotsSchema
	schema.Tables = slices.Clone(schema.Tables)
	for i := range schema.Tables {
		schema.Tables[i].Capacity = 1000
	}
	m.Schema, m.Seats, m.MinPlayers, m.Bot = &schema, 1000, 1, nil
	return mustMode(tb, m)
}

// TestWhoSitsAmongAThousand has one who joins told of all, some at a time, and
// of those who come meanwhile: names of any length fit the control lane.
func TestWhoSitsAmongAThousand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, thousand(t))
		start := startOf("m1", "dots", 1000)
		for i := range start.Seats {
			start.Seats[i].Player.Name = strings.Repeat("ä", 30) + start.Seats[i].Player.Name[len("Player"):]
		}
		answer, err := n.bus.Request(context.Background(), protocol.SubjectStart, protocol.Marshal(start))
		if err != nil {
			t.Fatal(err)
		}
		var placed protocol.Placed
		if err := protocol.Unmarshal(answer, &placed); err != nil || len(placed.Passes) != 1000 {
			t.Fatalf("%v, refused %q", err, placed.Refuse)
		}
		a := n.connect(0, protocol.Join{Match: "m1", Pass: placed.Passes[0]})
		late := n.connect(999, protocol.Join{Match: "m1", Pass: placed.Passes[999]})
		play(time.Second)
		b := n.connect(500, protocol.Join{Match: "m1", Pass: placed.Passes[500]})
		play(time.Second)
		for _, p := range []*peer{a, b, late} {
			p.sound()
			p.see(func() {
				if n := len(p.joined.Roster); n != rosterChunk {
					t.Errorf("%d seats in Joined", n)
				}
			})
			for i, s := range start.Seats {
				want := protocol.SeatAway
				if i == 0 || i == 500 || i == 999 {
					want = protocol.SeatPlayer
				}
				if got := seatAs(p, i); got.Player != s.Player.ID || got.Name != s.Player.Name || got.Status != want {
					t.Fatalf("seat %d as %+v", i, got)
				}
			}
		}
	})
}

// TestAllMayComeAtOnce has more come between two beats than most matches have
// seats, and wants all of them let in.
func TestAllMayComeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, thousand(t))
		passes := n.lease("m1", "dots", inboxSize+16)
		peers := make([]*peer, len(passes))
		for i, pass := range passes {
			peers[i] = n.connect(i, protocol.Join{Match: "m1", Pass: pass})
		}
		play(100 * time.Millisecond)
		for i, p := range peers {
			p.sound()
			p.see(func() {
				if p.joined == nil || p.frames == 0 {
					t.Errorf("player %d was not let in: %+v", i, p.control)
				}
			})
		}
	})
}

// TestRecordsOfCrowdsAreBounded has a thousand do other things at each tick:
// the record stays within its bound, and leads to the same state.
func TestRecordsOfCrowdsAreBounded(t *testing.T) {
	mode := thousand(t)
	sim := game.NewSim(mode, 1)
	for i := range mode.Seats {
		sim.Join(game.Seat(i))
	}
	r := newRecorder("m1", 1, sim)
	r.maxLog = 64 << 10
	chance, inputs, most := game.Rand(1), make([]game.Input, mode.Seats), 0
	for range 100 {
		for i := range inputs {
			inputs[i] = game.Input{Seat: game.Seat(i)}
			for f, field := range mode.Schema.Inputs {
				inputs[i].Values[f] = chance.Between(field.Min, field.Max)
			}
		}
		r.step(inputs)
		sim.Step(inputs)
		r.stepped(sim)
		most = max(most, len(*r.log()))
	}
	if n := len(r.record.Segments); n != segments || most > r.maxLog+16*mode.Seats {
		t.Errorf("%d segments, of up to %d bytes", n, most)
	}
	if last := r.record.Segments[segments-1].From; last == 0 || r.record.Segments[0].From == 0 {
		t.Errorf("the last begins at %d", last)
	}
	if _, err := r.finish(sim, false).Replay(mode); err != nil {
		t.Error(err)
	}
}

// longNamed is a player whose name is as long as any, and the id as they are.
func longNamed(i int) protocol.Player {
	return protocol.Player{ID: protocol.PlayerID(fmt.Sprintf("%026d", i)), Name: strings.Repeat("😀", 24), Game: "main"}
}

// packed is a match of a thousand with the longest names, who have not come.
func packed(t *testing.T) *Match {
	h := &Host{cfg: Config{PassKey: passKey, Hall: func(*socket.Conn, any) {}}, log: slog.New(slog.DiscardHandler), news: newSeatNews()}
	start := &protocol.Start{Match: "m1", Mode: "dots", Seed: 1}
	for i := range 1000 {
		start.Seats = append(start.Seats, protocol.StartSeat{Seat: game.Seat(i), Player: longNamed(i)})
	}
	m := newMatch(h, thousand(t), start)
	m.now = time.Now()
	m.begun, m.pace = m.now, newPace(m.mode.Hz, m.now, 0)
	return m
}

// A farEnd is a far end that keeps all that is written to it.
type farEnd struct {
	discard
	written *[]byte
}

func (f farEnd) Write(b []byte) (int, error) {
	*f.written = append(*f.written, b...)
	return len(b), nil
}

// seatsIn are the seats as the control messages in a stream of frames have them.
func seatsIn(t *testing.T, stream []byte) map[game.Seat]protocol.RosterSeat {
	seats := make(map[game.Seat]protocol.RosterSeat)
	for len(stream) > 0 {
		size, head := int(stream[1]), 2
		switch size {
		case 126:
			size, head = int(binary.BigEndian.Uint16(stream[2:])), 4
		case 127:
			size, head = int(binary.BigEndian.Uint64(stream[2:])), 10
		}
		msg, binary := stream[head:head+size], stream[0]&15 == 2
		stream = stream[head+size:]
		if !binary || !protocol.IsControl(msg) {
			continue
		}
		c, err := protocol.ParseServer(msg)
		if err != nil {
			t.Fatal(err)
		}
		var told []protocol.RosterSeat
		switch c := c.(type) {
		case protocol.Joined:
			told = c.Roster
		case protocol.Roster:
			told = c.Seats
		}
		for _, s := range told {
			seats[s.Seat] = s
		}
	}
	return seats
}

// TestHalfOfAThousandAreLost in one beat, and some of them come back while the
// others are still being told: nobody else ends, and all learn it.
func TestHalfOfAThousandAreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const stay = 8
		gone := make(chan struct{})
		up := socket.NewUpgrader(socket.Config{Pump: true, Linger: time.Millisecond})
		m, streams := packed(t), make([][]byte, stay)
		for i := range streams {
			conn, err := up.Adopt(farEnd{discard{gone: gone}, &streams[i]}, nil, m.seats[i].player)
			if err != nil {
				t.Fatal(err)
			}
			m.sit(&m.seats[i], conn, &protocol.Join{})
		}
		become := func(status protocol.SeatStatus, seats []seat, beats int) {
			for i := range seats {
				m.setStatus(&seats[i], status)
			}
			for range beats {
				time.Sleep(time.Second / time.Duration(m.mode.Hz))
				m.beat(time.Now())
				synctest.Wait()
			}
		}
		become(protocol.SeatPlayer, m.seats[stay:], 40)
		become(protocol.SeatAway, m.seats[500:], 2)
		become(protocol.SeatPlayer, m.seats[600:900], 40)
		if len(m.clients) != stay {
			t.Errorf("%d are here, want %d", len(m.clients), stay)
		}
		for i, c := range m.clients {
			if err := c.conn.Ended(); err != nil || c.heard != m.statuses {
				t.Fatalf("client %d has heard of %d changes of %d: %v", i, c.heard, m.statuses, err)
			}
			seats := seatsIn(t, streams[i])
			for j := range m.seats {
				if got, want := seats[game.Seat(j)], m.rosterSeat(&m.seats[j]); got != want {
					t.Fatalf("seat %d as %d knows it: %+v, want %+v", j, i, got, want)
				}
			}
		}
		close(gone)
		for len(m.clients) > 0 {
			m.clients[0].conn.Goodbye(protocol.Normal)
			m.drop(m.clients[0])
		}
		up.Close()
	})
}

// TestWhoHasLeftIsBounded: of 20,000 who leave each player is named once, and the
// newest only; all fit a message of the bus, with who is here.
func TestWhoHasLeftIsBounded(t *testing.T) {
	m := packed(t)
	play := func(seat, player int) {
		s := &m.seats[seat]
		s.player, s.passed = longNamed(player), true
	}
	for range 15_000 {
		play(0, 0)
		m.vacate(&m.seats[0], false)
	}
	if len(m.left) != 1 {
		t.Errorf("one who left and came again is noted %d times", len(m.left))
	}
	for i := 1; i < 4_500; i++ {
		m.left = append(m.left, protocol.EndedSeat{Player: longNamed(i), Left: true})
	}
	m.left = m.left[len(m.left)-leftKept:]
	for i := 4_500; i < 5_000; i++ {
		play(i%1000, i)
		m.vacate(&m.seats[i%1000], false)
	}
	for i := range m.seats {
		play(i, 5_000+i)
		m.result = append(m.result, game.Placing{Seat: game.Seat(i), Rank: int32(i + 1), Score: 1 << 30})
	}
	e := m.outcome()
	if n := len(protocol.Marshal(e)); n > 1<<20-1<<14 || len(e.Seats) != leftKept+1000 {
		t.Errorf("%d seats in %d bytes", len(e.Seats), n)
	}
	for i, s := range e.Seats {
		if want := longNamed(6_000 - len(e.Seats) + i); s.Player != want || s.Left != (i < leftKept) {
			t.Fatalf("%d is %+v, want %+v", i, s, want)
		}
	}
}

package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/hashicorp/go-memdb"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/group"
	"github.com/musterhq/muster/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func wish(i int, mode string) Ticket {
	id := fmt.Sprintf("%03d", i)
	return Ticket{ID: TicketID("t" + id), Members: []Member{{Player: protocol.Player{ID: protocol.PlayerID("p" + id), Name: "P" + id}}},
		Mode: mode, Created: time.Unix(int64(i), 0)}
}

// add adds one ticket.
func (s *Store) add(t Ticket) (Ticket, error) {
	a := s.AddTickets([]*Ticket{&t})[0]
	return *a.Ticket, a.Err
}

// placing gives the members of a ticket seats in a match.
func placing(match protocol.MatchID, t Ticket) Placing {
	p := Placing{Match: match, Assignments: map[protocol.PlayerID]Assignment{}}
	for _, m := range t.Members {
		p.Assignments[m.ID] = Assignment{Match: match}
	}
	return p
}

// openRoom opens one room.
func (s *Store) openRoom(r Room) bool { return s.OpenRooms([]Room{r})[0] }

// queued returns a store with n tickets of mode m waiting.
func queued(t testing.TB, n int) (*Store, []Ticket) {
	s := New(1000)
	var all []Ticket
	for i := range n {
		all = append(all, must[Ticket](t)(s.add(wish(i, "m"))))
	}
	return s, all
}

func open(t testing.TB, s *Store, id RoomID, tickets ...Ticket) Room {
	t.Helper()
	r := Room{ID: id, Mode: "m", State: Forming, Created: time.Unix(100, 0)}
	for _, x := range tickets {
		r.Tickets = append(r.Tickets, x.ID)
	}
	if !s.openRoom(r) {
		t.Fatal("stale")
	}
	return r
}

func state(t testing.TB, s *Store, x Ticket) State {
	t.Helper()
	return must[Ticket](t)(s.Ticket(x.ID)).State
}

func TestAQueueIsInOrderOfArrival(t *testing.T) {
	s := New(1000)
	for i := range 300 { // beyond what one byte of the key counts
		must[Ticket](t)(s.add(wish(i, []string{"m", "mm"}[i%2])))
	}
	got := s.WaitingIn("m")
	equal(t, "waiting in m", len(got), 150)
	for i, x := range got {
		equal(t, "ticket", x.ID, wish(2*i, "").ID)
	}
	equal(t, "waiting in mm", len(s.WaitingIn("mm")), 150)
	equal(t, "live", s.Live(), 300)
}

func TestOneLiveTicketAPlayer(t *testing.T) {
	s, all := queued(t, 1)
	second := wish(0, "m")
	second.ID = "another"
	got, err := s.add(second)
	if !errors.Is(err, ErrExists) || got.ID != all[0].ID {
		t.Errorf("got %v, %v", got.ID, err)
	}
	must[Ticket](t)(s.CancelTicket(all[0].ID, "w", time.Unix(5, 0)))
	must[Ticket](t)(s.add(second))
	got = must[Ticket](t)(s.TicketOf("p000"))
	equal(t, "newest", got.ID, "another")
}

func TestAFullQueueAndAClosedOne(t *testing.T) {
	s := New(2)
	must[Ticket](t)(s.add(wish(0, "m")))
	first := must[Ticket](t)(s.add(wish(1, "m")))
	if _, err := s.add(wish(2, "m")); !errors.Is(err, ErrFull) {
		t.Errorf("third: %v", err)
	}
	must[Ticket](t)(s.CancelTicket(first.ID, "w", time.Unix(5, 0)))
	third := must[Ticket](t)(s.add(wish(2, "m")))
	open(t, s, "r", third)
	s.Close("draining", time.Unix(9, 0))
	equal(t, "live", s.Live(), 0)
	got := must[Ticket](t)(s.Ticket(third.ID))
	if got.State != Cancelled || got.Why != "draining" || got.Room != "" {
		t.Errorf("a forming ticket became %+v", got)
	}
	if _, err := s.add(wish(3, "m")); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestCancelIsOnce(t *testing.T) {
	s, all := queued(t, 1)
	before := must[Ticket](t)(s.CancelTicket(all[0].ID, "first", time.Unix(5, 0)))
	equal(t, "before", before.State, Waiting)
	before = must[Ticket](t)(s.CancelTicket(all[0].ID, "second", time.Unix(6, 0)))
	equal(t, "before", before.State, Cancelled)
	got := must[Ticket](t)(s.Ticket(all[0].ID))
	equal(t, "why", got.Why, "first")
	equal(t, "live", s.Live(), 0)
	if _, err := s.CancelTicket("nobody", "w", time.Time{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
}

func TestOpenRoomIsAllOrNothing(t *testing.T) {
	s, all := queued(t, 3)
	must[Ticket](t)(s.CancelTicket(all[1].ID, "w", time.Unix(5, 0)))
	if s.openRoom(Room{ID: "r", Mode: "m", State: Forming, Tickets: []TicketID{all[0].ID, all[1].ID, all[2].ID}}) {
		t.Error("a room of one who has left")
	}
	equal(t, "first", state(t, s, all[0]), Waiting)
	equal(t, "rooms", s.Rooms(), 0)
}

func TestReturnedTicketsKeepTheirPlaceAndCountTheirTries(t *testing.T) {
	s, all := queued(t, 4)
	blame := Blame{Why: "no_host", MaxTries: 2}
	open(t, s, "r", all[0], all[1], all[2])
	must[Ticket](t)(s.CancelTicket(all[1].ID, "w", time.Unix(5, 0)))
	must[[]Ticket](t)(s.ReturnRoom("r", blame, time.Unix(200, 0)))
	got := s.WaitingIn("m")
	if len(got) != 3 || got[0].ID != all[0].ID || got[1].ID != all[2].ID || got[0].Tries != 1 {
		t.Errorf("the queue is %+v", got)
	}
	open(t, s, "r2", *got[0])
	s.ReturnRoom("r2", Blame{}, time.Unix(300, 0))
	equal(t, "nobody to blame", state(t, s, all[0]), Waiting)
	open(t, s, "r3", *got[0])
	equal(t, "failed", len(must[[]Ticket](t)(s.ReturnRoom("r3", blame, time.Unix(400, 0)))), 1)
	last := must[Ticket](t)(s.Ticket(all[0].ID))
	if last.State != Failed || last.Why != "no_host" || last.Changed != time.Unix(400, 0) {
		t.Errorf("after the last try: %+v", last)
	}
	if _, err := s.ReturnRoom("r3", blame, time.Time{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a closed room: %v", err)
	}
	equal(t, "live", s.Live(), 2)
}

func TestPlaceRoom(t *testing.T) {
	s, all := queued(t, 3)
	open(t, s, "r", all...)
	s.LeaseMatch(Match{ID: "match", Mode: "m", Leased: time.Unix(1, 0)})
	must[Ticket](t)(s.CancelTicket(all[1].ID, "w", time.Unix(5, 0)))
	give := Placing{Match: "match", URL: "u", Assignments: map[protocol.PlayerID]Assignment{"p000": {"u", "match", "a"}, "p001": {"u", "match", "b"}}}
	placed := must[[]Ticket](t)(s.PlaceRoom("r", give, time.Unix(200, 0)))
	if len(placed) != 1 || placed[0].Assignments[0].Pass != "a" {
		t.Errorf("placed %+v", placed)
	}
	equal(t, "placed", state(t, s, all[0]), Placed)
	equal(t, "cancelled meanwhile", state(t, s, all[1]), Cancelled)
	equal(t, "without a pass", state(t, s, all[2]), Waiting)
	m := must[Match](t)(s.Match("match"))
	if m.URL != "u" || len(m.Players) != 1 || m.Placed != time.Unix(200, 0) {
		t.Errorf("match %+v", m)
	}
	equal(t, "live", s.Live(), 1)
	equal(t, "rooms", s.Rooms(), 0)
}

// Players come and go for as long as a match runs: its row names each once, and
// of who has left a seat the last alone, but everybody who was kicked.
func TestAMatchForgetsWhoHasLeft(t *testing.T) {
	s := New(1000)
	s.LeaseMatch(Match{ID: "match", Mode: "m"})
	sit := func(player int, seat game.Seat) protocol.PlayerID {
		t := wish(player, "m")
		p := placing("match", t)
		p.Seats = map[protocol.PlayerID]game.Seat{t.Owner().ID: seat}
		s.LaunchMatch(t, p, "", time.Unix(1, 0))
		return t.Owner().ID
	}
	var kicked protocol.PlayerID
	sit(1000, 9)
	for i := range 3000 {
		left := protocol.LeftSeat{Player: sit(i%300, game.Seat(i%7)), Seat: game.Seat(i % 7), Kicked: i == 0, Quit: i%2 == 1}
		if left.Kicked {
			kicked = left.Player
		}
		s.FreeSeats(protocol.Seats{Match: "match", Revision: uint32(i), Left: []protocol.LeftSeat{left}}, time.Unix(2, 0))
	}
	m := must[Match](t)(s.Match("match"))
	equal(t, "players, of 7 seats, who stayed and who was kicked", len(m.Players), 9)
	equal(t, "who stayed", m.Has("p1000"), true)
	equal(t, "who wanted to leave, of 150", len(m.Quit), 150)
	equal(t, "the last of them", m.Quit[149], "p299")
	equal(t, "who was kicked first", m.Players[slices.IndexFunc(m.Players, func(p MatchPlayer) bool { return p.Kicked })].ID, kicked)
	sit(500, 9)
	m = must[Match](t)(s.Match("match"))
	equal(t, "who was not said to have left", m.Has("p1000"), true)
	for _, p := range m.Players {
		equal(t, string(p.ID)+" has left", p.Left, p.Seat != 9)
	}
}

// Why players came later is told of the last ones alone, for they come for as
// long as the match runs.
func TestAMatchKeepsWhyTheLastCame(t *testing.T) {
	s := New(1000)
	s.LeaseMatch(Match{ID: "match", Mode: "m"})
	for i := range 3 * mostJoins {
		x := must[Ticket](t)(s.add(wish(i, "m")))
		open(t, s, RoomID(x.ID), x)
		p := placing("match", x)
		p.Join = &group.Why{InRange: i + 1}
		must[[]Ticket](t)(s.PlaceRoom(RoomID(x.ID), p, time.Unix(2, 0)))
	}
	m := must[Match](t)(s.Match("match"))
	equal(t, "kept", len(m.Joins), mostJoins)
	for i, why := range m.Joins {
		equal(t, "joined", why.InRange, 2*mostJoins+i+1)
	}
}

func TestAMatchMayEndBeforeItIsPlaced(t *testing.T) {
	s, all := queued(t, 1)
	open(t, s, "r", all...)
	s.LeaseMatch(Match{ID: "match", Mode: "m"})
	must[Match](t)(s.EndMatch("match"))
	must[[]Ticket](t)(s.PlaceRoom("r", placing("match", all[0]), time.Unix(2, 0)))
	equal(t, "matches", s.Matches(), 0)
	if _, err := s.EndMatch("match"); !errors.Is(err, ErrNotFound) {
		t.Errorf("ended twice: %v", err)
	}
}

func TestForgetting(t *testing.T) {
	s, all := queued(t, 5)
	for i, x := range all[:3] {
		must[Ticket](t)(s.CancelTicket(x.ID, "w", time.Unix(int64(i), 0)))
	}
	equal(t, "tickets", s.ForgetTickets(time.Unix(2, 0)), 2)
	equal(t, "tickets again", s.ForgetTickets(time.Unix(2, 0)), 0)
	equal(t, "a live one stays", state(t, s, all[4]), Waiting)
	s.LeaseMatch(Match{ID: "old", Leased: time.Unix(1, 0)})
	s.LeaseMatch(Match{ID: "new", Leased: time.Unix(9, 0)})
	equal(t, "matches", s.ForgetMatches(time.Unix(5, 0)), 1)
	must[Match](t)(s.Match("new"))
}

func TestWaitTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, all := queued(t, 40)
		wait := func(seen State, patience time.Duration) (Ticket, time.Duration, error) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			began := time.Now()
			x, err := s.WaitTicket(ctx, all[0].ID, seen)
			return x, time.Since(began), err
		}
		x, took, err := wait(Forming, time.Second)
		if err != nil || took != 0 || x.State != Waiting {
			t.Errorf("another state was seen: %v, %v, %v", x.State, took, err)
		}
		x, took, err = wait(Waiting, time.Second)
		if err != nil || took != time.Second || x.State != Waiting {
			t.Errorf("nothing happened: %v, %v, %v", x.State, took, err)
		}
		go func() {
			for _, other := range all[1:] { // neighbours in the tree are no news
				time.Sleep(100 * time.Millisecond)
				s.CancelTicket(other.ID, "w", time.Now())
			}
			open(t, s, "r", all[0])
		}()
		x, took, err = wait(Waiting, time.Minute)
		if err != nil || took != 3900*time.Millisecond || x.State != Forming {
			t.Errorf("it was grouped: %v, %v, %v", x.State, took, err)
		}
		s.Close("w", time.Now())
		x, took, _ = wait(Cancelled, time.Minute)
		if took != 0 || x.State != Cancelled {
			t.Errorf("it is final: %v, %v", x.State, took)
		}
		go func() { time.Sleep(time.Second); s.ForgetTickets(time.Now().Add(time.Hour)) }()
		time.Sleep(2 * time.Second)
		if _, _, err = wait(Waiting, time.Minute); !errors.Is(err, ErrNotFound) {
			t.Errorf("it is forgotten: %v", err)
		}
	})
}

// TestAPanicInATransactionBlocksNobody: without the deferred Abort it would
// block every later writer.
func TestAPanicInATransactionBlocksNobody(t *testing.T) {
	s := New(10)
	func() {
		defer func() { recover() }()
		s.update(func(*memdb.Txn) error { panic("a bug") })
	}()
	must[Ticket](t)(s.add(wish(1, "m")))
}

// TestRowsAreCopies: what a caller does with a row stays with the caller.
func TestRowsAreCopies(t *testing.T) {
	s, all := queued(t, 1)
	x := must[Ticket](t)(s.Ticket(all[0].ID))
	x.State, x.Mode = Placed, "other"
	equal(t, "state", state(t, s, all[0]), Waiting)
	equal(t, "waiting", len(s.WaitingIn("m")), 1)
}

// TestNothingIsLostOrDoubled lets many hands work at once and counts.
func TestNothingIsLostOrDoubled(t *testing.T) {
	const players, rounds = 16, 60
	s := New(players)
	var hands sync.WaitGroup
	for p := range players {
		hands.Go(func() {
			for i := range rounds {
				x := wish(p, "m")
				x.ID = TicketID(fmt.Sprintf("%d-%d", p, i))
				must[Ticket](t)(s.add(x))
				if rand.IntN(2) == 0 {
					r := RoomID(x.ID)
					if s.openRoom(Room{ID: r, Mode: "m", State: Forming, Tickets: []TicketID{x.ID}}) && rand.IntN(2) == 0 {
						s.PlaceRoom(r, placing("", x), time.Unix(1, 0))
					} else {
						s.ReturnRoom(r, Blame{Why: "w", MaxTries: 1}, time.Unix(1, 0))
					}
				}
				s.CancelTicket(x.ID, "w", time.Unix(1, 0))
			}
		})
	}
	hands.Wait()
	equal(t, "live", s.Live(), 0)
	equal(t, "rooms", s.Rooms(), 0)
	equal(t, "waiting", len(s.WaitingIn("m")), 0)
	equal(t, "all of them", s.ForgetTickets(time.Unix(9, 0)), players*rounds)
}

func BenchmarkTicketLife(b *testing.B) {
	s := New(10)
	for i := 0; b.Loop(); i++ {
		x := wish(i%1000, "m")
		x.ID = TicketID(fmt.Sprint(i))
		s.add(x)
		s.openRoom(Room{ID: "r", Mode: "m", State: Forming, Tickets: []TicketID{x.ID}})
		s.PlaceRoom("r", placing("", x), time.Unix(int64(i), 0))
		if i%256 == 0 {
			s.ForgetTickets(time.Unix(int64(i), 0))
		}
	}
}

// TestPlayersAreForgottenWithTheirTickets, but for those who have a newer one.
func TestPlayersAreForgottenWithTheirTickets(t *testing.T) {
	s, all := queued(t, 3)
	for _, x := range all {
		must[Ticket](t)(s.CancelTicket(x.ID, "w", time.Unix(5, 0)))
	}
	again := wish(0, "m")
	again.ID = "again"
	must[Ticket](t)(s.add(again))
	equal(t, "forgotten", s.ForgetTickets(time.Unix(6, 0)), 3)
	if n, ok := s.players.newest("p000"); !ok || n != (newest{"again", true}) || len(s.players.of) != 1 {
		t.Errorf("known: %+v", s.players.of)
	}
	if _, err := s.TicketOf("p001"); !errors.Is(err, ErrNotFound) {
		t.Errorf("forgotten: %v", err)
	}
}

// TestOnlyWhatIsOfferedIsDeclined: before and afterwards it is as it was.
func TestOnlyWhatIsOfferedIsDeclined(t *testing.T) {
	s, all := queued(t, 1)
	decline := func(want State) {
		t.Helper()
		equal(t, "before", must[Ticket](t)(s.DeclineTicket(all[0].ID, "w", time.Unix(5, 0))).State, want)
	}
	decline(Waiting)
	s.OpenRooms([]Room{{ID: "r", Tickets: []TicketID{all[0].ID}, State: Offered}})
	if err := s.FormRoom("r", time.Unix(5, 0)); err != nil {
		t.Fatal(err)
	}
	decline(Forming)
	if _, err := s.ReturnRoom("r", Blame{}, time.Unix(5, 0)); err != nil {
		t.Fatal(err)
	}
	s.OpenRooms([]Room{{ID: "r", Tickets: []TicketID{all[0].ID}, State: Offered}})
	decline(Offered)
	decline(Cancelled)
	equal(t, "live", s.Live(), 0)
}

package lobby

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// TestAStorm lets players and parties come, go, connect, cut, cancel, accept
// and decline at random, with hosts that often refuse, and matches that end,
// and that are joined while they run. All the while nobody is in two live
// tickets or seats and no seat has two players; at the end nobody is lost, and
// nothing is left behind.
func TestAStorm(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inLobby(t, func(c *Config) {
				asking(c)
				filled(c)
				c.LeaseTries, c.Countdown = 100, time.Second
			}, func(w *world) { newStorm(w, seed).run() })
		})
	}
}

// A storm has hosts whose matches it knows.
type storm struct {
	w       *world
	playing sync.WaitGroup // the matches

	mu      sync.Mutex
	dice    *rand.Rand
	matches map[protocol.MatchID]*stormMatch // that run
	asked   map[string]bool                  // seats that a host thinks about
	sat     map[string]bool                  // who ever had a seat in which match
	placed  int
}

type stormMatch struct {
	mode     string
	seats    map[game.Seat]protocol.PlayerID
	revision uint32
	close    func()
}

func newStorm(w *world, seed uint64) *storm {
	s := &storm{w: w, dice: rand.New(rand.NewPCG(seed, 3)), matches: map[protocol.MatchID]*stormMatch{},
		asked: map[string]bool{}, sat: map[string]bool{}}
	w.hostAnswers(s.start)
	return s
}

func (s *storm) roll(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dice.IntN(n)
}

func (s *storm) run() {
	var players sync.WaitGroup
	for i := range 40 {
		who := s.w.guest(fmt.Sprint("Player ", i))
		players.Go(func() {
			for range 4 {
				s.tryToPlay(who)
			}
		})
	}
	for i := range 10 {
		one, two := s.w.guest(fmt.Sprint("One ", i)), s.w.guest(fmt.Sprint("Two ", i))
		players.Go(func() {
			for range 4 {
				s.tryToPlay(one, two)
			}
		})
	}
	stop := make(chan struct{})
	var checks sync.WaitGroup
	checks.Go(func() { s.checkAgainAndAgain(stop) })
	players.Wait()
	close(stop)
	checks.Wait()
	time.Sleep(10 * time.Second) // the last rooms close
	synctest.Wait()
	s.playing.Wait()
	if s.placed < 60 {
		s.w.t.Errorf("only %d were placed", s.placed)
	}
	equal(s.w.t, "seats promised", len(s.w.promised), 0)
}

// start is the host: it takes most matches.
func (s *storm) start(ctx context.Context, start protocol.Start) protocol.Placed {
	if s.roll(3) == 0 {
		return refusing(ctx, start)
	}
	m := &stormMatch{mode: start.Mode, seats: map[game.Seat]protocol.PlayerID{}}
	cancel, err := s.w.bus.Serve(protocol.SubjectSeat+string(start.Match), s.give)
	if err != nil {
		s.w.t.Error(err)
	}
	m.close = cancel
	s.mu.Lock()
	s.matches[start.Match] = m
	s.mu.Unlock()
	s.sit(start.Match, start.Seats)
	s.playing.Go(func() { s.play(start.Match) })
	return host(ctx, start)
}

// sit seats players in a match, all or none.
func (s *storm) sit(id protocol.MatchID, seats []protocol.StartSeat) (revision uint32, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.matches[id]
	if m == nil || slices.ContainsFunc(seats, func(x protocol.StartSeat) bool { return m.seats[x.Seat] != "" }) {
		return 0, false
	}
	for _, x := range seats {
		m.seats[x.Seat] = x.Player.ID
		s.sat[string(id)+string(x.Player.ID)] = true
	}
	m.revision++
	return m.revision, true
}

// give answers who would join a match.
func (s *storm) give(ctx context.Context, data []byte) []byte {
	var want protocol.Seat
	if err := protocol.Unmarshal(data, &want); err != nil {
		s.w.t.Error(err)
	}
	s.think(want, true)
	time.Sleep(time.Duration(s.roll(500)) * time.Millisecond)
	s.think(want, false)
	revision, ok := s.sit(want.Match, want.Seats)
	if !ok {
		return protocol.Marshal(protocol.Placed{Refuse: "taken"})
	}
	p := host(ctx, protocol.Start{Seats: want.Seats})
	p.Revision = revision
	return protocol.Marshal(p)
}

// think notes that seats are asked for, which nobody else may be meanwhile.
func (s *storm) think(want protocol.Seat, begin bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range want.Seats {
		key := fmt.Sprint(want.Match, x.Seat)
		if begin && s.asked[key] {
			s.w.t.Errorf("seat %d of %s is promised twice", x.Seat, want.Match)
		}
		s.asked[key] = begin
	}
}

// play lets a match run for a while; seats come free and are told.
func (s *storm) play(id protocol.MatchID) {
	for range 1 + s.roll(4) {
		time.Sleep(time.Duration(1+s.roll(1500)) * time.Millisecond)
		s.tellFree(id)
	}
	s.end(id)
}

func (s *storm) tellFree(id protocol.MatchID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.matches[id]
	if m == nil || m.mode != "filled" {
		return
	}
	m.revision++
	news := protocol.Seats{Match: id, Revision: m.revision}
	for seat := range game.Seat(4) {
		if m.seats[seat] == "" {
			news.Free = append(news.Free, seat)
		}
	}
	s.w.bus.Publish(protocol.SubjectSeats, protocol.Marshal(news))
}

func (s *storm) end(id protocol.MatchID) {
	s.mu.Lock()
	m := s.matches[id]
	delete(s.matches, id)
	s.mu.Unlock()
	if m == nil {
		return
	}
	m.close()
	s.w.bus.Request(context.Background(), protocol.SubjectOver, protocol.Marshal(protocol.Ended{Match: id, Why: "finished"}))
}

// tryToPlay queues, may connect and cut the connection, may cancel, accepts or
// not, and else waits for the end.
func (s *storm) tryToPlay(who ...protocol.Player) {
	w := s.w
	pause := func() { time.Sleep(time.Duration(s.roll(1500)) * time.Millisecond) }
	pause()
	modes := []string{"ffa", "duel", "trio", "pairs", "asking", "filled", "filled"}
	if len(who) > 1 {
		modes = []string{"ffa", "pairs", "asking", "filled"}
	}
	x, err := w.enqueue(who[0], modes[s.roll(len(modes))], who[1:]...)
	if err != nil {
		w.t.Error(err)
		return
	}
	if s.roll(2) == 0 {
		p := w.connect(who[0])
		pause()
		switch s.roll(4) {
		case 0:
			p.nc.Close()
		case 1:
			p.say(protocol.Leave{})
		}
	}
	if pause(); s.roll(6) == 0 {
		w.Cancel(who[0].ID, x.ID)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	for !x.State.Final() && ctx.Err() == nil {
		if x.State == store.Offered {
			s.answer(x)
		}
		if x, err = w.Wait(ctx, who[0].ID, x.ID, x.State); err != nil {
			w.t.Error(err)
			return
		}
	}
	if !x.State.Final() {
		w.Cancel(who[0].ID, x.ID) // nobody to play with
	}
	if x.State == store.Placed {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.placed += len(who)
		for i, m := range x.Members {
			if a := x.Assignments[i]; !s.sat[string(a.Match)+string(m.ID)] {
				s.w.t.Errorf("%s is placed without a seat in %s", m.Name, a.Match)
			}
		}
	}
}

// answer mostly accepts.
func (s *storm) answer(x store.Ticket) {
	for _, m := range x.Members {
		if n := s.roll(8); n > 0 {
			s.w.Accept(m.ID, x.ID, n > 1) // may be too late
		}
	}
}

func (s *storm) checkAgainAndAgain(stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(97 * time.Millisecond):
			s.check()
		}
	}
}

// check looks at all who wait: nobody does with two tickets.
func (s *storm) check() {
	in := map[protocol.PlayerID]store.TicketID{}
	for _, m := range s.w.cfg.Modes {
		for _, x := range s.w.store.WaitingIn(m.Name) {
			for _, p := range x.Members {
				if other, twice := in[p.ID]; twice {
					s.w.t.Errorf("%s waits in %s and %s", p.Name, other, x.ID)
				}
				in[p.ID] = x.ID
			}
		}
	}
}

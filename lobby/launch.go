package lobby

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// A Plan is a match whose players are chosen, by a room or a back end, and not
// found by the matchmaker.
type Plan struct {
	Mode    string               // of the players' game
	Seats   []protocol.StartSeat // who shall sit where; at least one
	Options []int32              // as game.Mode.Choose returns them; what is left out has its default
	Empty   []game.Seat          // that stay so; others without a player are bots', where the mode has any
	Region  string               // where; empty: anywhere
	Door    store.Door           // who may watch it
}

// Errors of a launch; the texts are for people.
var (
	ErrPlan   = errors.New("such a match cannot be")
	ErrNoHost = errors.New("no match host took the match")
)

// Launch makes a match at once and returns where its players shall play, in the
// order of the plan's seats. It returns ErrModeUnknown, where the mode is of
// another game than one of the players, too; ErrPlan; ErrNoHost, or what Ready
// says. Such a match is kept in histories and counts for no rating.
//
// Once the match is there, live tickets of its players are cancelled with
// WhyLaunched, also those they have with a party: whoever was chosen plays here.
// If the launch fails, tickets stay. Players who come to the hall within the
// next seconds are told of the match there; who is elsewhere is for the caller
// to tell. That one of them plays another match is no reason to refuse: who
// comes to this one leaves that.
func (l *Lobby) Launch(ctx context.Context, p Plan) ([]protocol.Assignment, error) {
	if err := l.Ready(); err != nil {
		return nil, err
	}
	mode, err := l.planned(p)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	start := protocol.Start{Match: protocol.NewID[protocol.MatchID](), Mode: p.Mode, Seed: rand.Uint64(),
		Seats: p.Seats, Options: p.Options, Empty: p.Empty, Closed: true, Region: p.Region, Why: "chosen"}
	l.store.LeaseMatch(store.Match{ID: start.Match, Mode: p.Mode, Region: p.Region, Custom: true, Door: p.Door, Leased: now})
	placing, err := l.request(ctx, protocol.SubjectStart, start.Match, start.Seats, start)
	if err != nil {
		l.store.EndMatch(start.Match)
		l.log.Warn("no host took a chosen match", "mode", p.Mode, "match", start.Match, "err", err)
		return nil, fmt.Errorf("%w: %w", ErrNoHost, err)
	}
	t := l.chosen(mode, p.Seats, now)
	for _, before := range l.store.LaunchMatch(t, placing, WhyLaunched, time.Now()) {
		l.cancelled(before)
	}
	l.log.Info("match launched", "mode", p.Mode, "match", start.Match, "players", len(p.Seats))
	all := make([]protocol.Assignment, len(p.Seats))
	for i, s := range p.Seats {
		a := placing.Assignments[s.Player.ID]
		all[i] = protocol.Assignment{URL: a.URL, Match: a.Match, Pass: a.Pass, Mode: p.Mode}
	}
	return all, nil
}

// planned returns the mode of a plan, or says why it cannot be.
func (l *Lobby) planned(p Plan) (*game.Mode, error) {
	q := l.queues[p.Mode]
	if q == nil || slices.ContainsFunc(p.Seats, func(s protocol.StartSeat) bool { return s.Player.Game != q.mode.Game }) {
		return nil, ErrModeUnknown
	}
	if err := q.mode.CheckOptions(p.Options); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	if p.Region != "" && !slices.Contains(q.mode.Matchmaking.Regions, p.Region) {
		return nil, fmt.Errorf("%w: the mode has no region %q", ErrPlan, p.Region)
	}
	return q.mode, checkPlan(q.mode, p)
}

// checkPlan wants every player on a seat, no seat twice, and enough to play.
func checkPlan(m *game.Mode, p Plan) error {
	var taken [game.MaxSeats]bool
	sits := make(map[protocol.PlayerID]bool, len(p.Seats))
	seats := slices.Clone(p.Empty)
	for _, s := range p.Seats {
		if s.Player.ID == "" || sits[s.Player.ID] {
			return fmt.Errorf("%w: a player sits twice", ErrPlan)
		}
		sits[s.Player.ID] = true
		seats = append(seats, s.Seat)
	}
	for _, s := range seats {
		if int(s) >= m.Seats || taken[s] {
			return fmt.Errorf("%w: seat %d is not there, or there twice", ErrPlan, s)
		}
		taken[s] = true
	}
	play := len(p.Seats)
	for seat := range m.BotSeats {
		if m.Bot != nil && !taken[seat] {
			play++
		}
	}
	if len(p.Seats) == 0 || play < m.MinPlayers {
		return fmt.Errorf("%w: the mode is for %d or more", ErrPlan, m.MinPlayers)
	}
	return nil
}

// chosen is the ticket of players who were.
func (l *Lobby) chosen(m *game.Mode, seats []protocol.StartSeat, now time.Time) store.Ticket {
	t := store.Ticket{ID: protocol.NewID[store.TicketID](), Mode: m.Name, Fresh: true, Created: now}
	for _, s := range seats {
		t.Members = append(t.Members, store.Member{Player: s.Player, Skill: l.skill(m, s.Player.ID)})
	}
	return t
}

// Running says whether a match is leased or runs.
func (l *Lobby) Running(m protocol.MatchID) bool {
	_, err := l.store.Match(m)
	return err == nil
}

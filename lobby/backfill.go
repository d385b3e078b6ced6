package lobby

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/group"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// freeSeats hears which seats of a match are free.
func (l *Lobby) freeSeats(data []byte) {
	var s protocol.Seats
	if err := protocol.Unmarshal(data, &s); err != nil {
		l.log.Error("malformed news of free seats", "err", err)
		return
	}
	if l.store.FreeSeats(s, time.Now()) && len(s.Free) > 0 {
		l.rouse()
	}
}

// joinable are the running matches of a mode with the seats that are free and
// promised to nobody.
func (l *Lobby) joinable(q *queue) (all []*store.Match) {
	if !q.mode.Matchmaking.Backfill {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.store.Joinable(q.mode.Name) {
		promised := l.promised[m.ID]
		row := *m
		row.Free = slices.DeleteFunc(slices.Clone(m.Free), func(s game.Seat) bool { return promised[s] })
		if len(row.Free) > 0 {
			all = append(all, &row)
		}
	}
	return all
}

// promise keeps the seats of a match for those in a room until release.
func (l *Lobby) promise(r *room) {
	if r.into == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.promised[r.into.ID] == nil {
		l.promised[r.into.ID] = make(map[game.Seat]bool)
	}
	for _, p := range r.people {
		l.promised[r.into.ID][p.seat] = true
	}
}

func (l *Lobby) release(r *room) {
	if r.into == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range r.people {
		delete(l.promised[r.into.ID], p.seat)
	}
	if len(l.promised[r.into.ID]) == 0 {
		delete(l.promised, r.into.ID)
	}
}

// askSeats asks the match that the people shall join for their seats.
func (r *room) askSeats(ctx context.Context) <-chan leased {
	id, host, seats := r.into.ID, r.into.Host, r.startSeats()
	answer := make(chan leased, 1)
	go func() {
		placing, err := r.lobby.request(ctx, protocol.SubjectSeat+host, id, seats, protocol.Seat{Match: id, Seats: seats})
		placing.Join = &r.why
		answer <- leased{placing, err}
	}()
	return answer
}

// shunned are, by player, the matches into which nobody sends them again: who
// was taken out of one, and who has left it because they wanted to. An open
// world is there to come back to.
func (q *queue) shunned(matches []*store.Match) map[protocol.PlayerID][]uint64 {
	shunned := make(map[protocol.PlayerID][]uint64)
	for i, m := range matches {
		for _, p := range m.Players {
			if p.Kicked {
				shunned[p.ID] = append(shunned[p.ID], uint64(i))
			}
		}
		for _, p := range m.Quit {
			if !q.mode.Open {
				shunned[p] = append(shunned[p], uint64(i))
			}
		}
	}
	return shunned
}

// matchesOf are running matches as package group has them, by the same index.
func (q *queue) matchesOf(rows []*store.Match) []group.Match {
	matches := make([]group.Match, len(rows))
	for i, row := range rows {
		matches[i] = q.matchOf(row)
		matches[i].ID = uint64(i)
	}
	return matches
}

func (q *queue) matchOf(row *store.Match) group.Match {
	m := group.Match{Since: row.FreeFrom, Props: row.Props, Low: math.Inf(1), High: math.Inf(-1), Teams: make([]group.Team, q.rules.Teams)}
	m.Region = max(slices.Index(q.mode.Matchmaking.Regions, row.Region), 0)
	for _, s := range row.Free {
		m.Teams[q.team(s)].Free++
	}
	for _, p := range row.Sitting() {
		t := &m.Teams[q.team(p.Seat)]
		t.Rating = (t.Rating*float64(t.Players) + p.Skill) / float64(t.Players+1)
		t.Players++
		m.Low, m.High = min(m.Low, p.Skill), max(m.High, p.Skill)
	}
	return m
}

func (q *queue) team(s game.Seat) int { return min(int(s)/q.rules.TeamSize, q.rules.Teams-1) }

// join seats those who join a match on the free seats of their team.
func (q *queue) join(j *group.Join, matches []*store.Match, rows []*store.Ticket) Group {
	m := matches[j.Match]
	g := Group{Match: m, Region: m.Region, Why: j.Why}
	free := slices.DeleteFunc(slices.Sorted(slices.Values(m.Free)), func(s game.Seat) bool { return q.team(s) != j.Team })
	for _, i := range j.Tickets {
		for _, member := range rows[i].Members {
			g.Seats = append(g.Seats, Seat{free[len(g.Seats)], rows[i], member})
		}
	}
	return g
}

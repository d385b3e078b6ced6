package lobby

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/group"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// A queue is what there is to know of a mode whose players are brought
// together. The tickets themselves are in the store.
type queue struct {
	// set by queuesOf and never changed
	mode    *game.Mode
	rules   group.Rules
	regions map[string]bool // that any mode of the game has

	turn   uint64               // of cycles; the matchmaker's
	looked atomic.Pointer[look] // by the last cycle, nil if nobody waits
	recent recent
}

// queuesOf refuses two modes of one name, and rules that cannot be.
func queuesOf(modes []*game.Mode) (map[string]*queue, error) {
	byName := make(map[string]*queue, len(modes))
	regions := make(map[string]map[string]bool) // by game
	for _, m := range modes {
		if byName[m.Name] != nil {
			return nil, fmt.Errorf("lobby: two modes are named %s", m.Name)
		}
		if regions[m.Game] == nil {
			regions[m.Game] = make(map[string]bool)
		}
		for _, r := range m.Matchmaking.Regions {
			regions[m.Game][r] = true
		}
		q := &queue{mode: m, rules: rulesOf(m), regions: regions[m.Game]}
		if err := q.rules.Validate(); err != nil {
			return nil, fmt.Errorf("lobby: mode %s: %w", m.Name, err)
		}
		byName[m.Name] = q
	}
	return byName, nil
}

// rulesOf are a mode's own, as package group has them.
func rulesOf(m *game.Mode) group.Rules {
	mm := &m.Matchmaking
	teams := max(mm.Teams, 1)
	r := group.Rules{
		Teams: teams, TeamSize: m.Seats / teams, MinPlayers: m.MinPlayers,
		FillAfter: m.FillAfter, Bots: m.Bot != nil, Patience: mm.Patience,
		Regions: len(mm.Regions), PartyBonus: float64(mm.PartyBonus),
	}
	for _, w := range mm.Widen {
		r.Widen = append(r.Widen, group.Window{After: w.After, Gap: float64(w.Gap), Ping: w.Ping})
	}
	return r
}

// ticketsOf are rows as package group has them, by the same index. Their
// members share one array. Of the matches that may be joined, each shuns those
// that one of its members does.
func ticketsOf(rows []*store.Ticket, shunned map[protocol.PlayerID][]uint64) []group.Ticket {
	players := 0
	for _, r := range rows {
		players += len(r.Members)
	}
	members := make([]group.Member, 0, players)
	tickets := make([]group.Ticket, len(rows))
	for i, r := range rows {
		from := len(members)
		var shuns []uint64
		for j := range r.Members {
			m := &r.Members[j]
			shuns = append(shuns, shunned[m.ID]...)
			members = append(members, group.Member{Rating: m.Skill, Pings: m.Pings})
		}
		tickets[i] = group.Ticket{ID: r.Seq, Since: r.Created, Members: members[from:len(members):len(members)], Props: r.Props, Fresh: r.Fresh, Shuns: shuns}
	}
	return tickets
}

// A Group shall play one match together.
type Group struct {
	Match  *store.Match // that runs, which they join; nil: a new one
	Seats  []Seat       // that have a player, by number
	Region string       // where; empty: anywhere
	Why    group.Why
}

// A Seat is a player's in a group.
type Seat struct {
	Number game.Seat
	Ticket *store.Ticket
	Player store.Member
}

// plan decides who plays with whom, of a mode's tickets in their order, and of
// the matches that they may join. It is a pure function: what there is to be
// done is in what it returns, and rows are only looked at.
func (q *queue) plan(rows []*store.Ticket, matches []*store.Match, now time.Time) ([]Group, group.Result) {
	result := group.Form(q.rules, ticketsOf(rows, q.shunned(matches)), q.matchesOf(matches), now)
	groups := make([]Group, 0, len(result.Joins)+len(result.Groups))
	for i := range result.Joins {
		groups = append(groups, q.join(&result.Joins[i], matches, rows))
	}
	for i := range result.Groups {
		groups = append(groups, q.group(&result.Groups[i], rows))
	}
	return groups, result
}

// group seats a group: teams have their seats one after the other.
func (q *queue) group(g *group.Group, rows []*store.Ticket) Group {
	made := Group{Region: q.region(g.Region), Why: g.Why, Seats: make([]Seat, 0, g.Players)}
	for team, tickets := range g.Teams {
		seat := game.Seat(team * q.rules.TeamSize)
		for _, i := range tickets {
			for _, m := range rows[i].Members {
				made.Seats = append(made.Seats, Seat{seat, rows[i], m})
				seat++
			}
		}
	}
	return made
}

// region is the name of one, where the mode has any.
func (q *queue) region(i int) string {
	if i < 0 || i >= len(q.mode.Matchmaking.Regions) {
		return ""
	}
	return q.mode.Matchmaking.Regions[i]
}

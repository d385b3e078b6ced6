package lobby

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// A Wish is what a player, or a party, queues for.
type Wish struct {
	Players []Seeker // who asks comes first
	Mode    string
	Props   map[string]string // that others must have the same; see game.Matchmaking.Match
	Fresh   bool              // not into a match that runs already

	Party store.PartyID  // whose ticket it is, if a party's
	ID    store.TicketID // of the ticket, where it must be known before: no other has it; else one is made up
}

// A Seeker is a player who seeks a match, and how far that may be.
type Seeker struct {
	protocol.Player
	Pings store.Pings
}

// Errors of a wish; the texts are for people.
var (
	ErrModeUnknown = errors.New("there is no such mode")
	ErrPings       = errors.New("pings are the round trips in milliseconds, from 1 to 10000, to regions of the game")
	ErrProps       = errors.New("props are those that the mode names, each with a text of at most 64 bytes")
	ErrParty       = errors.New("the mode does not take a party of that size")
)

// Bounds of a wish.
const (
	maxPing = 10 * time.Second
	maxProp = 64 // bytes
)

// ticket makes the wish one, or says what is wrong with it.
func (l *Lobby) ticket(w Wish, now time.Time) (store.Ticket, error) {
	q := l.queues[w.Mode]
	if q == nil || !q.admits(w.Players) {
		return store.Ticket{}, ErrModeUnknown
	}
	if err := q.fits(w); err != nil {
		return store.Ticket{}, err
	}
	props, err := q.props(w.Props)
	if err != nil {
		return store.Ticket{}, err
	}
	t := store.Ticket{ID: w.ID, Party: w.Party, Mode: w.Mode, Props: props, Fresh: w.Fresh, Created: now}
	if t.ID == "" {
		t.ID = newTicketID(now)
	}
	t.Members = make([]store.Member, len(w.Players))
	for i, p := range w.Players {
		if err := q.measurable(p.Pings); err != nil {
			return store.Ticket{}, err
		}
		t.Members[i] = store.Member{Player: p.Player, Skill: l.skill(q.mode, p.ID), Pings: q.pings(p.Pings)}
	}
	return t, nil
}

// skill is what a player's rating counts as; one that is no number to
// calculate with is that of somebody never rated.
func (l *Lobby) skill(m *game.Mode, p protocol.PlayerID) float64 {
	if l.deps.Ratings == nil {
		return 0
	}
	if skill := l.deps.Ratings.Skill(m.Game, m.Name, p); math.Abs(skill) <= 1e6 {
		return skill
	}
	return 0
}

// admits says that all are players of the mode's game, as far as anybody may
// know.
func (q *queue) admits(players []Seeker) bool {
	return !slices.ContainsFunc(players, func(p Seeker) bool { return p.Game != q.mode.Game })
}

// fits says whether a ticket can be of these players.
func (q *queue) fits(w Wish) error {
	if len(w.Players) == 0 || len(w.Players) > q.rules.TeamSize {
		return fmt.Errorf("%w: at most %d", ErrParty, q.rules.TeamSize)
	}
	if w.ID != "" && !protocol.ValidID(w.ID) {
		return errors.New("lobby: a ticket's id is not one")
	}
	for i, p := range w.Players {
		if p.ID == "" || slices.ContainsFunc(w.Players[:i], func(o Seeker) bool { return o.ID == p.ID }) {
			return fmt.Errorf("%w: it has somebody twice", ErrParty)
		}
	}
	return nil
}

// CheckPings returns ErrPings unless pings are such as a game's players can
// have measured: what a [Seeker] may have, whatever the mode.
func (l *Lobby) CheckPings(game string, of store.Pings) error {
	for _, q := range l.queues {
		if q.mode.Game == game {
			return q.measurable(of)
		}
	}
	return ErrPings
}

// measurable wants regions of the game, be they of this mode or another, so that
// a client need not measure again for each.
func (q *queue) measurable(of store.Pings) error {
	for region, ping := range of {
		if !q.regions[region] || ping <= 0 || ping > maxPing {
			return ErrPings
		}
	}
	return nil
}

// pings are a player's in the order of the mode's regions, in ms; none where
// not one of these was measured.
func (q *queue) pings(of store.Pings) (ms []uint16) {
	regions := q.mode.Matchmaking.Regions
	for i, region := range regions {
		ping, measured := of[region]
		if !measured {
			continue
		}
		if ms == nil {
			ms = make([]uint16, len(regions))
		}
		ms[i] = uint16(max(ping.Milliseconds(), 1))
	}
	return ms
}

// props are the properties of a wish as one text, the same for the same ones.
func (q *queue) props(of map[string]string) (string, error) {
	if len(of) == 0 {
		return "", nil
	}
	names := q.mode.Matchmaking.Match
	var b strings.Builder
	known := 0
	for _, name := range names {
		value, ok := of[name]
		if !ok {
			continue
		}
		known++
		if value == "" || len(value) > maxProp || !utf8.ValidString(value) {
			return "", ErrProps
		}
		fmt.Fprintf(&b, "%s=%q ", name, value)
	}
	if known < len(of) {
		return "", ErrProps
	}
	return strings.TrimSuffix(b.String(), " "), nil
}

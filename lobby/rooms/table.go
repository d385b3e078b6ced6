package rooms

import (
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// A table is what a room is: what will be played, who sits where, and how far
// they are. It knows no connections and no clock. Its verbs are in verbs.go.
type table struct {
	modes   map[string]*game.Mode // of the room's game; never changed
	mode    *game.Mode
	options []int32 // all of the mode's; replaced, never changed
	size    int     // seats in use
	title   string
	privacy protocol.RoomPrivacy
	locked  bool
	key     [sha256.Size]byte // of the password, if locked

	host   protocol.PlayerID
	people []*person             // the longest first
	seats  []seat                // of the mode
	banned []protocol.RoomBanned // replaced, never changed

	phase    protocol.RoomPhase
	deadline time.Time        // of the countdown, or for the first to go to the match
	match    protocol.MatchID // the room's, while it plays
}

// A seat is a bot's or a person's, or open if it is in use.
type seat struct {
	bot bool
	of  *person
}

func (s seat) open() bool { return !s.bot && s.of == nil }

// A person is a member.
type person struct {
	protocol.Player
	seat    int
	here    bool      // connected to the room
	away    time.Time // since when not, unless in a match
	ready   bool
	playing protocol.MatchID // the match that the connection was handed to
	swap    protocol.PlayerID
}

// newTable is a table nobody sits at yet.
func newTable(modes map[string]*game.Mode, mode *game.Mode, options []int32, size int) *table {
	t := &table{modes: modes}
	t.lay(mode, options, size)
	return t
}

// usable says whether a seat is in use: each team has its share of the size.
func (t *table) usable(i int) bool {
	teams := max(t.mode.Matchmaking.Teams, 1)
	each := t.mode.Seats / teams
	share := t.size / teams
	if i/each < t.size%teams {
		share++
	}
	return i < len(t.seats) && i%each < share
}

// lay makes a place for everybody by a mode and a size that they fit in; bots
// that do not are gone.
func (t *table) lay(mode *game.Mode, options []int32, size int) {
	old := t.seats
	t.mode, t.options, t.size, t.seats = mode, options, size, make([]seat, mode.Seats)
	var moved []seat
	for i, s := range old {
		if !s.open() && i < len(t.seats) && t.usable(i) && (!s.bot || mode.Bot != nil) {
			t.seats[i] = s
		} else if s.of != nil {
			moved = append(moved, s)
		}
	}
	for _, s := range moved {
		i := t.free()
		if i < 0 {
			i = slices.IndexFunc(t.seats, func(s seat) bool { return s.bot })
		}
		t.sit(s.of, i)
	}
}

// free is the open seat of the team with the fewest, or -1.
func (t *table) free() (best int) {
	each := t.mode.Seats / max(t.mode.Matchmaking.Teams, 1)
	best, fewest := -1, len(t.seats)+1
	for from := 0; from < len(t.seats); from += each {
		taken, open := 0, -1
		for i := from; i < from+each; i++ {
			if !t.seats[i].open() {
				taken++
			} else if open < 0 && t.usable(i) {
				open = i
			}
		}
		if open >= 0 && taken < fewest {
			best, fewest = open, taken
		}
	}
	return best
}

func (t *table) sit(p *person, i int) {
	t.seats[i] = seat{of: p}
	p.seat = i
}

func (t *table) person(id protocol.PlayerID) *person {
	if i := slices.IndexFunc(t.people, func(p *person) bool { return p.ID == id }); i >= 0 {
		return t.people[i]
	}
	return nil
}

func (t *table) bots() (n int) {
	for _, s := range t.seats {
		if s.bot {
			n++
		}
	}
	return n
}

// add makes a player a member who is not here yet. The first is the host.
func (t *table) add(who protocol.Player, now time.Time) error {
	i := t.free()
	if i < 0 {
		return ErrFull
	}
	p := &person{Player: who, away: now}
	t.people = append(t.people, p)
	t.sit(p, i)
	if len(t.people) == 1 {
		t.host = who.ID
	}
	t.stop()
	return nil
}

// admits says whether a player may come in.
func (t *table) admits(who protocol.PlayerID, e Entry) error {
	switch {
	case t.isBanned(who):
		return ErrBanned
	case t.privacy == protocol.RoomFriends && e.friend != t.host:
		return ErrFriends
	case t.locked && !t.opens(e.password):
		return ErrPassword
	case t.free() < 0:
		return ErrFull
	}
	return nil
}

func (t *table) isBanned(id protocol.PlayerID) bool {
	return slices.ContainsFunc(t.banned, func(b protocol.RoomBanned) bool { return b.Player == id })
}

// opens compares in a time that says nothing of the password, its length
// included.
func (t *table) opens(password string) bool {
	key := sha256.Sum256([]byte(password))
	return subtle.ConstantTimeCompare(key[:], t.key[:]) == 1
}

func (t *table) lock(password string) {
	t.locked, t.key = password != "", sha256.Sum256([]byte(password))
}

// remove takes a member out.
func (t *table) remove(id protocol.PlayerID) {
	p := t.person(id)
	if p == nil {
		return
	}
	t.seats[p.seat] = seat{}
	t.people = slices.DeleteFunc(t.people, func(o *person) bool { return o == p })
	for _, o := range t.people {
		if o.swap == id {
			o.swap = ""
		}
	}
	if t.host == id {
		t.migrate()
	}
	t.stop()
}

// migrate makes the longest member the host, of those who are here if any is.
func (t *table) migrate() {
	t.host = ""
	for _, p := range t.people {
		if t.host == "" || p.here && !t.person(t.host).here {
			t.host = p.ID
		}
	}
}

// come and lose note that a member is connected to the room, or is not.
func (t *table) come(p *person) {
	p.here, p.playing, p.away = true, "", time.Time{}
}

func (t *table) lose(p *person, now time.Time) {
	p.here, p.ready, p.playing, p.away = false, false, "", now
	t.stop()
}

// leaves notes that a member's connection has gone to a match.
func (t *table) leaves(p *person, m protocol.MatchID) {
	p.here, p.ready, p.playing, p.away = false, false, m, time.Time{}
	t.stop()
}

// stop ends the countdown. Whoever was ready still is.
func (t *table) stop() {
	if t.phase == protocol.RoomCounts {
		t.phase = protocol.RoomGathers
	}
}

// unready asks everybody again, after a change of what will be played.
func (t *table) unready() {
	t.stop()
	for _, p := range t.people {
		p.ready = false
	}
}

// plan is the match that would be made now.
func (t *table) plan() Plan {
	p := Plan{Mode: t.mode.Name, Options: t.options}
	for i, s := range t.seats {
		switch {
		case s.of != nil:
			p.Seats = append(p.Seats, protocol.StartSeat{Seat: game.Seat(i), Player: s.of.Player})
		case !s.bot:
			p.Empty = append(p.Empty, game.Seat(i))
		}
	}
	return p
}

// door is who may watch the match of a room with a code.
func (t *table) door(code string) Door {
	d := Door{Closed: t.locked || t.privacy != protocol.RoomPublic, Room: code}
	if t.privacy == protocol.RoomFriends && !t.locked {
		d.Friends = t.host
	}
	for _, b := range t.banned {
		d.Banned = append(d.Banned, b.Player)
	}
	return d
}

// started notes the match that has come of the plan.
func (t *table) started(m protocol.MatchID, now time.Time) {
	t.unready()
	t.phase, t.match, t.deadline = protocol.RoomPlays, m, now.Add(goLife)
}

// goLife is how long the first may take to go to a match: they have been told.
const goLife = 10 * time.Second

// rest notes that nobody plays the room's match any more.
func (t *table) rest() { t.phase, t.match = protocol.RoomGathers, "" }

// clock carries out what time brings. It returns who is out, and whether the
// countdown is over.
func (t *table) clock(now time.Time, cfg *Config, running func(protocol.MatchID) bool) (out []*person, launch bool) {
	for _, p := range t.people {
		if p.playing != "" && !running(p.playing) {
			t.lose(p, now) // and has not come back yet
		}
		if !p.here && p.playing == "" && now.Sub(p.away) >= cfg.AwayLife {
			out = append(out, p)
		}
	}
	if h := t.person(t.host); h != nil && !h.here && h.playing == "" && now.Sub(h.away) >= cfg.HostLife {
		t.migrate()
	}
	if t.phase == protocol.RoomPlays && (!running(t.match) || !t.anyPlays() && now.After(t.deadline)) {
		t.rest()
	}
	return out, t.phase == protocol.RoomCounts && !now.Before(t.deadline)
}

// anyPlays says whether a member is in the room's match.
func (t *table) anyPlays() bool {
	return slices.ContainsFunc(t.people, func(p *person) bool { return p.playing != "" && p.playing == t.match })
}

package social

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// Config says what players may have. A zero field means its default.
type Config struct {
	PartySize     int           // members of a party, default 8, at most protocol.MaxParty
	PartyInvites  int           // open ones of a party, default 16, at most protocol.MaxParty
	PlayerInvites int           // open ones of a player, default 16, at most protocol.MaxParty
	InviteLife    time.Duration // until an invitation expires, default 5 min
	AwayLife      time.Duration // without a connection until a member is taken out, default 2 min

	Friends  int // default 200, at most 1,000
	Requests int // that a player has made, and as many that were made to it, default 100, at most 1,000
	Blocks   int // and as many mutes, default 100, at most 1,000

	Beat time.Duration // between two pushes of Presence to one player, default 1 s

	Line    int           // bytes of a line of chat, default 256, at most that
	Talk    Limit         // of lines, default 5 in 10 s; 5 too many within a minute mute for one
	Reports Limit         // by one player, default 10 in an hour
	Waiting int           // lines of one player that wait to be passed on, default 8
	Sweep   time.Duration // between two looks for what has expired, default 1 s

	Log *slog.Logger // nil is slog.Default
}

// Deps are what a Social stands on.
type Deps struct {
	Node   *bus.Node
	Store  *store.Store
	Teller Teller
	People People
	Queue  Queue
	Normal func(string) string // brings a text into NFC: norm.NFC.String
	Post   Post                // nil: who is not here is not told
}

// A Post keeps word for players who are not here.
type Post interface {
	// Invited says that a friend has asked a player into a party.
	Invited(ctx context.Context, to Who, by protocol.Player, party store.PartyID, expires time.Time) error
}

// A Teller brings a control message to a player's connection: a hall does. It
// keeps the messages to one player in order and never blocks. False says that
// the message will not get there; one may be lost without that, too.
type Teller interface {
	Tell(p protocol.PlayerID, msg []byte) bool
}

// People knows the players.
type People interface {
	// Person returns a player of a game, or ErrPlayerUnknown, whatever it is
	// that is not so: no such player, of another game, deleted.
	Person(ctx context.Context, game string, id protocol.PlayerID) (protocol.Player, error)
}

// A Queue takes parties.
type Queue interface {
	// Enqueue gives all members together the one ticket, or fails. The ticket's
	// end, however it comes, is told by [Social.Unqueued].
	Enqueue(ctx context.Context, t PartyTicket) error
	// Cancel gives a ticket up. One that is final, or that never came to be,
	// stays as it is. It must not block.
	Cancel(id store.TicketID)
}

// A PartyWish is what a leader wants the party to play.
type PartyWish struct {
	Mode  string
	Pings store.Pings       // the leader's own; none: those told last
	Props map[string]string // that others must have the same
	Fresh bool              // not into a match that runs already
}

// A PartyTicket is a party's wish for a match.
type PartyTicket struct {
	ID      store.TicketID
	Game    string
	Mode    string
	Props   map[string]string
	Fresh   bool
	Party   store.PartyID
	Members []store.PartyMember // the longest first, with their pings
}

func (d *Deps) validate() error {
	if d.Node == nil || d.Store == nil || d.Teller == nil || d.People == nil || d.Queue == nil || d.Normal == nil {
		return errors.New("social: Node, Store, Teller, People, Queue and Normal are required")
	}
	return nil
}

// validate fills in defaults and refuses what cannot work.
func (c *Config) validate() error {
	orElse(&c.PartySize, 8)
	orElse(&c.PartyInvites, 16)
	orElse(&c.PlayerInvites, 16)
	orElse(&c.InviteLife, 5*time.Minute)
	orElse(&c.AwayLife, 2*time.Minute)
	orElse(&c.Friends, 200)
	orElse(&c.Requests, 100)
	orElse(&c.Blocks, 100)
	orElse(&c.Beat, time.Second)
	orElse(&c.Line, maxLine)
	orElse(&c.Talk.Lines, 5)
	orElse(&c.Talk.Per, 10*time.Second)
	orElse(&c.Talk.Floods, 5)
	orElse(&c.Talk.Mute, time.Minute)
	orElse(&c.Reports.Lines, 10)
	orElse(&c.Reports.Per, time.Hour)
	orElse(&c.Waiting, 8)
	orElse(&c.Sweep, time.Second)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if min(c.PartySize, c.PartyInvites, c.PlayerInvites, c.Friends, c.Requests, c.Blocks, c.Line, c.Waiting) < 0 ||
		min(c.InviteLife, c.AwayLife, c.Beat, c.Sweep, c.Talk.Per, c.Reports.Per) < 0 {
		return errors.New("social: a limit in Config is negative")
	}
	if max(c.PartySize, c.PartyInvites, c.PlayerInvites) > protocol.MaxParty || max(c.Friends, c.Requests, c.Blocks) > 1000 || c.Line > maxLine {
		return errors.New("social: a limit in Config is more than a message or a row holds")
	}
	return nil
}

// maxLine is what a Chat holds, in bytes.
const maxLine = 256

// orElse gives a field its default where it was left zero.
func orElse[T int | time.Duration](field *T, byDefault T) {
	if *field == 0 {
		*field = byDefault
	}
}

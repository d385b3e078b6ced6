package rooms

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// Config says how rooms are run. A zero field means its default.
type Config struct {
	Modes []*game.Mode // what can be played, as game.Mode.WithDefaults made them

	Beat      time.Duration // of a room, default 100 ms
	ListBeat  time.Duration // between two pushes of the list, default 250 ms
	Countdown time.Duration // before a match, default 5 s
	AwayLife  time.Duration // without a connection until a member is out, default 60 s
	HostLife  time.Duration // likewise until another is the host, default 10 s
	IdleLife  time.Duration // without anybody doing anything until a room ends, default 30 min
	MaxRooms  int           // default 2,000

	Joins social.Limit // of one player, default 10 in a minute: it bounds the guessing of passwords
	Makes social.Limit // rooms that one player makes, default 6 in a minute
	Talk  social.Limit // lines of one member, default 5 in 10 s; 5 too many within a minute mute for one

	Log *slog.Logger // nil is slog.Default
}

// Deps are what a Hub stands on. Nothing of them may block
// but Launch and Social's Friends.
type Deps struct {
	Launch  func(ctx context.Context, p Plan) ([]protocol.Assignment, error) // in the order of the plan's seats
	Running func(m protocol.MatchID) bool                                    // the match has not ended
	Hall    func(c *socket.Conn, note any)                                   // takes a connection back
	Board   *socket.Switchboard                                              // where matches take in connections
	Teller  Teller
	Cleaner social.Cleaner // of chat
	Social  Social
	Enters  func(p protocol.PlayerID) // a player has come into a room: a ticket is given up
}

// A Plan is the match that a room wants.
type Plan struct {
	Mode    string
	Seats   []protocol.StartSeat
	Options []int32
	Empty   []game.Seat
	Door    Door
}

// A Door says whom a room lets in to watch its match: everybody, unless it is
// Closed; then its members, and the friends of a host who lets those in. Nobody
// it has banned.
type Door struct {
	Closed  bool
	Room    string
	Friends protocol.PlayerID
	Banned  []protocol.PlayerID
}

// A Teller brings messages to players wherever they are. [socket.Upgrader] does.
type Teller interface {
	Tell(p protocol.PlayerID, msg []byte) bool
	Connected(p protocol.PlayerID) bool
}

// Social is what players are to each other.
type Social interface {
	MayTalk(p protocol.Player) error                    // nil, or why the player is not heard
	Hears(p protocol.Player, from protocol.Player) bool // neither blocks nor mutes
	// Overhear keeps a line for reports, and returns its id.
	Overhear(from protocol.Player, room, text string, at time.Time, heard []protocol.PlayerID) uint64
	// Friends may read what is kept. An error says that it cannot be known now.
	Friends(ctx context.Context, p, q protocol.Player) (bool, error)
}

// validate fills in defaults and refuses what cannot work.
func (c *Config) validate() error {
	if len(c.Modes) == 0 {
		return errors.New("rooms: no modes")
	}
	orElse(&c.Beat, 100*time.Millisecond)
	orElse(&c.ListBeat, 250*time.Millisecond)
	orElse(&c.Countdown, 5*time.Second)
	orElse(&c.AwayLife, time.Minute)
	orElse(&c.HostLife, 10*time.Second)
	orElse(&c.IdleLife, 30*time.Minute)
	orElse(&c.MaxRooms, 2000)
	limit(&c.Joins, social.Limit{Lines: 10, Per: time.Minute})
	limit(&c.Makes, social.Limit{Lines: 6, Per: time.Minute})
	limit(&c.Talk, social.Limit{Lines: 5, Per: 10 * time.Second, Floods: 5, Mute: time.Minute})
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if min(c.Beat, c.ListBeat, c.Countdown, c.AwayLife, c.HostLife, c.IdleLife) < 0 || c.MaxRooms < 0 {
		return errors.New("rooms: a limit in Config is negative")
	}
	return nil
}

func (d *Deps) validate() error {
	if d.Launch == nil || d.Running == nil || d.Hall == nil || d.Board == nil || d.Teller == nil || d.Social == nil || d.Enters == nil {
		return errors.New("rooms: all Deps are required")
	}
	return nil
}

// orElse gives a field its default where it was left zero.
func orElse[T int | time.Duration](field *T, byDefault T) {
	if *field == 0 {
		*field = byDefault
	}
}

func limit(field *social.Limit, byDefault social.Limit) {
	if *field == (social.Limit{}) {
		*field = byDefault
	}
}

package rooms

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// A Hub has all rooms of a node. It is safe for concurrent use; nothing but Run
// blocks.
type Hub struct {
	// set by New and never changed
	cfg   Config
	deps  Deps
	log   *slog.Logger
	games map[string]map[string]*game.Mode // by game, by name
	joins *social.Limiter[protocol.PlayerID]
	makes *social.Limiter[protocol.PlayerID]
	talk  *social.Limiter[protocol.PlayerID]
	title social.Cleaner
	list  *list

	roomsEnd context.Context
	endRooms context.CancelFunc
	running  sync.WaitGroup // the rooms

	mu      sync.Mutex
	closing bool                        // under mu, as all that follows
	rooms   map[string]*room            // by code
	of      map[protocol.PlayerID]*room // where a player belongs
}

// maxTitle is how many bytes a room's title has.
const maxTitle = 64

// New returns a Hub; Run makes it live.
func New(cfg Config, deps Deps) (*Hub, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if err := deps.validate(); err != nil {
		return nil, err
	}
	h := &Hub{
		cfg: cfg, deps: deps, log: cfg.Log, games: make(map[string]map[string]*game.Mode),
		joins: social.NewLimiter[protocol.PlayerID](cfg.Joins), makes: social.NewLimiter[protocol.PlayerID](cfg.Makes),
		talk:  social.NewLimiter[protocol.PlayerID](cfg.Talk),
		title: social.Cleaner{Most: maxTitle, Normal: deps.Cleaner.Normal},
		list:  newList(deps.Teller),
		rooms: make(map[string]*room), of: make(map[protocol.PlayerID]*room),
	}
	for _, m := range cfg.Modes {
		if h.games[m.Game] == nil {
			h.games[m.Game] = make(map[string]*game.Mode)
		}
		h.games[m.Game][m.Name] = m
	}
	h.roomsEnd, h.endRooms = context.WithCancel(context.Background())
	return h, nil
}

// Run keeps the list until ctx is done; then it drains, and returns when no room
// is left.
func (h *Hub) Run(ctx context.Context) {
	tick := time.NewTicker(h.cfg.ListBeat)
	defer tick.Stop()
	for beats := 0; ; beats++ {
		select {
		case <-ctx.Done():
			h.Drain()
			h.running.Wait()
			return
		case now := <-tick.C:
			h.list.beat()
			if beats%256 == 0 {
				h.joins.Forget(now)
				h.makes.Forget(now)
				h.talk.Forget(now)
			}
		}
	}
}

// Drain has the rooms give their people back to the hall, and makes no more. It
// does not wait for them; Run does.
func (h *Hub) Drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closing = true
	h.endRooms()
}

// An Entry is the note of a connection that comes into a room by a RoomCreate or
// a RoomJoin, and not back into its own.
type Entry struct {
	stamp    uint32
	password string
	made     bool              // the player has made the room
	friend   protocol.PlayerID // the host whose friend the player is known to be
}

// Create makes a room for a player, and returns where it takes the connection in
// and with what note.
func (h *Hub) Create(who protocol.Player, m protocol.RoomCreate) (*socket.Inbox, any, error) {
	t, err := h.furnish(who, m)
	if err != nil {
		return nil, nil, err
	}
	if h.makes.Take(who.ID, time.Now()) != nil {
		return nil, nil, ErrTooFast
	}
	r, err := h.open(who, t)
	if err != nil {
		return nil, nil, err
	}
	return r.inbox, Entry{stamp: m.Stamp, made: true}, nil
}

// furnish is the table that a player asks for.
func (h *Hub) furnish(who protocol.Player, m protocol.RoomCreate) (*table, error) {
	modes := h.games[who.Game]
	mode := modes[m.Mode]
	if mode == nil {
		return nil, ErrMode
	}
	options, err := optionsOf(mode, m.Options)
	if err != nil {
		return nil, err
	}
	if m.Size == 0 {
		m.Size = mode.Seats
	}
	if m.Size < 1 || m.Size > mode.Seats {
		return nil, ErrSize
	}
	if m.Title == "" {
		m.Title = who.Name
	}
	t := newTable(modes, mode, options, m.Size)
	t.privacy = m.Privacy
	t.lock(m.Password)
	if t.title, err = h.title.Clean(m.Title); err != nil {
		return nil, ErrText
	}
	return t, nil
}

// open gives a table a room, with who as its first member.
func (h *Hub) open(who protocol.Player, t *table) (*room, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closing:
		return nil, ErrDraining
	case h.of[who.ID] != nil:
		return nil, ErrInRoom
	case len(h.rooms) >= h.cfg.MaxRooms:
		return nil, ErrRooms
	}
	code := newCode()
	for h.rooms[code] != nil {
		code = newCode()
	}
	now := time.Now()
	if err := t.add(who, now); err != nil {
		return nil, err
	}
	r := newRoom(h, code, who.Game, t, now)
	h.rooms[code], h.of[who.ID] = r, r
	h.running.Go(func() { r.run(h.roomsEnd) })
	return r, nil
}

// Join returns where a room takes in the connection of a player who would join,
// and with what note: the room itself says whether he may.
func (h *Hub) Join(who protocol.Player, m protocol.RoomJoin) (*socket.Inbox, any, error) {
	if h.joins.Take(who.ID, time.Now()) != nil {
		return nil, nil, ErrTooFast
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[cleanCode(m.Code)]
	switch {
	case h.of[who.ID] != nil && h.of[who.ID] != r:
		return nil, nil, ErrInRoom
	case r == nil || r.game != who.Game:
		return nil, nil, ErrNotFound
	}
	return r.inbox, Entry{stamp: m.Stamp, password: m.Password}, nil
}

// RoomOf returns where the connection of a player belongs who is a member of a
// room.
func (h *Hub) RoomOf(who protocol.PlayerID) (*socket.Inbox, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r, ok := h.of[who]
	if !ok {
		return nil, false
	}
	return r.inbox, true
}

// Member says whether a player is one of the room with a code.
func (h *Hub) Member(who protocol.PlayerID, code string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.of[who]
	return r != nil && r.code == code
}

// claim makes a player a member of a room and of no other.
func (h *Hub) claim(who protocol.PlayerID, r *room) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if other := h.of[who]; other != nil && other != r {
		return false
	}
	h.of[who] = r
	return true
}

func (h *Hub) release(who protocol.PlayerID, r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of[who] == r {
		delete(h.of, who)
	}
}

// close forgets a room. Nobody finds it any more.
func (h *Hub) close(r *room) {
	h.mu.Lock()
	delete(h.rooms, r.code)
	h.mu.Unlock()
	h.list.publish(r.game, r.code, nil)
}

// Watch has a player told of the rooms of the list, until he leaves the hall.
func (h *Hub) Watch(who protocol.Player, m protocol.RoomWatch) { h.list.watch(who, m) }

// Unwatch ends that.
func (h *Hub) Unwatch(who protocol.Player) { h.list.watch(who, protocol.RoomWatch{}) }

// Rooms are those of a game that are in the list and match, the oldest first.
func (h *Hub) Rooms(game string, filter protocol.RoomWatch, most int) []protocol.RoomRow {
	return h.list.rows(game, filter, most)
}

// Room returns the room of a game with a code, whoever may find it, if there is
// one.
func (h *Hub) Room(game, code string) (row protocol.RoomRow, ok bool) {
	h.mu.Lock()
	r := h.rooms[cleanCode(code)]
	h.mu.Unlock()
	if r == nil || r.game != game {
		return row, false
	}
	return *r.row.Load(), true
}

// Count is how many rooms there are.
func (h *Hub) Count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.rooms)
}

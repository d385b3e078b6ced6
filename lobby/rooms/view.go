package rooms

import (
	"slices"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// A view is a table as its people see it.
type view struct {
	code  string
	head  protocol.RoomHead
	seats []protocol.RoomPlaceState
	news  socket.News // part 0 is the head, then the seats
}

func newView(code string) view { return view{code: code, news: socket.NewNews(1)} }

// look brings the view up to date.
func (v *view) look(t *table, now time.Time) {
	if h := headOf(t, now); !sameHead(h, v.head) {
		v.head = h
		v.news.Touch(0)
	}
	for i := range max(len(t.seats), len(v.seats)) {
		s := seatOf(t, i)
		if i == len(v.seats) {
			v.seats = append(v.seats, protocol.RoomPlaceState{Index: -1})
		}
		if v.seats[i] != s {
			v.seats[i] = s
			v.news.Touch(1 + i)
		}
	}
}

func headOf(t *table, now time.Time) protocol.RoomHead {
	return protocol.RoomHead{Title: t.title, Mode: t.mode.Name, Options: t.options, Size: t.size, Privacy: t.privacy,
		Locked: t.locked, Host: t.host, Phase: t.phase, Starts: t.starts(now), Banned: t.banned}
}

// starts is in whole seconds: who needs it finer counts along.
func (t *table) starts(now time.Time) int {
	if t.phase != protocol.RoomCounts {
		return -1
	}
	return 10 * int((max(t.deadline.Sub(now), 0)+time.Second-1)/time.Second)
}

func sameHead(a, b protocol.RoomHead) bool {
	return slices.Equal(a.Options, b.Options) && slices.Equal(a.Banned, b.Banned) && a.Title == b.Title && a.Mode == b.Mode && a.Size == b.Size &&
		a.Privacy == b.Privacy && a.Locked == b.Locked && a.Host == b.Host && a.Phase == b.Phase && a.Starts == b.Starts
}

// seatOf is a seat as it is shown; one that there is no more is closed.
func seatOf(t *table, i int) protocol.RoomPlaceState {
	s := protocol.RoomPlaceState{Index: i}
	switch {
	case i >= len(t.seats):
	case t.seats[i].of != nil:
		p := t.seats[i].of
		s.Kind, s.Player, s.Name = protocol.RoomPlayers, p.ID, p.Name
		s.Here, s.Ready, s.Playing, s.Swap = p.here, p.ready, p.playing != "", p.swap
	case t.seats[i].bot:
		s.Kind = protocol.RoomBots
	case t.usable(i):
		s.Kind = protocol.RoomOpen
	}
	return s
}

// since is what brings somebody from a revision to now.
func (v *view) since(base uint32) protocol.Control {
	m := protocol.RoomState{Code: v.code, Base: base, Revision: v.news.Revision()}
	if v.news.Since(0, base) {
		head := v.head
		m.Head = &head
	}
	for i, s := range v.seats {
		if v.news.Since(1+i, base) {
			m.Seats = append(m.Seats, s)
		}
	}
	return m
}

package rooms

import (
	"slices"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// A deed is a verb as it is done.
type deed struct {
	protocol.RoomDo
	by  *person
	now time.Time
}

// do carries out a verb of a member, or says why not. A kick or a ban returns
// whom the room has to see out. Texts are clean already.
func (t *table) do(d deed, countdown time.Duration) (out *person, err error) {
	if t.phase == protocol.RoomStarts {
		return nil, ErrStarting
	}
	switch d.Verb {
	case protocol.RoomReady:
		return nil, t.getReady(d)
	case protocol.RoomSit:
		return nil, t.move(d.by, d.Number)
	case protocol.RoomSwap:
		return nil, t.swap(d)
	}
	if d.by.ID != t.host {
		return nil, ErrNotHost
	}
	switch d.Verb {
	case protocol.RoomMode, protocol.RoomOptions, protocol.RoomSize:
		return nil, t.change(d)
	case protocol.RoomPrivate, protocol.RoomPassword, protocol.RoomTitle:
		return nil, t.name(d)
	case protocol.RoomBot:
		return nil, t.toggleBot(d.Number)
	case protocol.RoomPlace:
		return nil, t.place(d)
	case protocol.RoomKick, protocol.RoomBan, protocol.RoomHost:
		return t.treat(d)
	case protocol.RoomUnban:
		return nil, t.unban(d.Player)
	case protocol.RoomStart:
		return nil, t.start(d, countdown)
	}
	return nil, ErrVerb
}

func (t *table) getReady(d deed) error {
	if d.by.ready = d.Number != 0; !d.by.ready {
		t.stop()
	}
	return nil
}

// move has a person take an open seat.
func (t *table) move(p *person, to int) error {
	if to < 0 || to >= len(t.seats) || !t.usable(to) || !t.seats[to].open() {
		return ErrSeat
	}
	t.seats[p.seat] = seat{}
	t.sit(p, to)
	t.stop()
	return nil
}

// swap asks another to change seats, which is done once both have asked.
func (t *table) swap(d deed) error {
	if d.Player == d.by.ID {
		return ErrSelf
	}
	with := t.person(d.Player)
	if d.Player != "" && with == nil {
		return ErrPlayer
	}
	d.by.swap = d.Player
	if with != nil && with.swap == d.by.ID {
		t.exchange(d.by, with)
	}
	return nil
}

func (t *table) exchange(p, q *person) {
	a, b := p.seat, q.seat
	t.sit(p, b)
	t.sit(q, a)
	p.swap, q.swap = "", ""
	t.stop()
}

// change is of what will be played. Everybody is asked again.
func (t *table) change(d deed) error {
	mode, options, size := t.mode, t.options, t.size
	switch d.Verb {
	case protocol.RoomMode:
		if mode = t.modes[d.Text]; mode == nil {
			return ErrMode
		}
		size = mode.Seats
		fallthrough
	case protocol.RoomOptions:
		all, err := optionsOf(mode, d.Values)
		if err != nil {
			return err
		}
		options = all
	case protocol.RoomSize:
		size = d.Number
	}
	if size < 1 || size > mode.Seats || size < len(t.people) {
		return ErrSize
	}
	t.lay(mode, options, size)
	t.unready()
	return nil
}

// optionsOf are all of a mode's, of which the first are chosen.
func optionsOf(m *game.Mode, chosen []int32) ([]int32, error) {
	if m.CheckOptions(chosen) != nil {
		return nil, ErrOptions
	}
	all, _ := m.Choose(nil) // the defaults always can be
	copy(all, chosen)
	return all, nil
}

// name is of what the room is called and who comes in.
func (t *table) name(d deed) error {
	switch d.Verb {
	case protocol.RoomPrivate:
		if d.Number > int(protocol.RoomFriends) {
			return ErrVerb
		}
		t.privacy = protocol.RoomPrivacy(d.Number)
	case protocol.RoomPassword:
		if len(d.Text) > maxPassword {
			return ErrText
		}
		t.lock(d.Text)
	default:
		t.title = d.Text
	}
	return nil
}

const maxPassword = 64 // bytes

func (t *table) toggleBot(i int) error {
	if t.mode.Bot == nil {
		return ErrNoBots
	}
	if i < 0 || i >= len(t.seats) || !t.usable(i) || t.seats[i].of != nil {
		return ErrSeat
	}
	t.seats[i].bot = !t.seats[i].bot
	t.stop()
	return nil
}

// place has another sit where the host says.
func (t *table) place(d deed) error {
	p := t.person(d.Player)
	switch {
	case p == nil:
		return ErrPlayer
	case d.Number >= len(t.seats) || !t.usable(d.Number) || t.seats[d.Number].bot:
		return ErrSeat
	case t.seats[d.Number].of == nil:
		return t.move(p, d.Number)
	}
	t.exchange(p, t.seats[d.Number].of)
	return nil
}

// treat is of another member.
func (t *table) treat(d deed) (out *person, err error) {
	if d.Player == d.by.ID {
		return nil, ErrSelf
	}
	p := t.person(d.Player)
	if p == nil {
		return nil, ErrPlayer
	}
	if d.Verb == protocol.RoomHost {
		t.host = p.ID
		return nil, nil
	}
	if d.Verb == protocol.RoomBan {
		if len(t.banned) >= protocol.MaxRoomBanned {
			return nil, ErrBans
		}
		t.banned = append(slices.Clone(t.banned), protocol.RoomBanned{Player: p.ID, Name: p.Name})
	}
	return p, nil
}

// unban lets a player come again.
func (t *table) unban(id protocol.PlayerID) error {
	if !t.isBanned(id) {
		return ErrPlayer
	}
	t.banned = slices.DeleteFunc(slices.Clone(t.banned), func(b protocol.RoomBanned) bool { return b.Player == id })
	return nil
}

// start begins the countdown, or ends it. The host who starts is ready.
func (t *table) start(d deed, countdown time.Duration) error {
	if d.Number == 0 {
		t.stop()
		return nil
	}
	if t.phase == protocol.RoomPlays {
		return ErrPlaying
	}
	play := len(t.people) + t.bots()
	for _, p := range t.people {
		switch {
		case p.playing != "":
			return ErrPlaying
		case !p.here || !p.ready && p != d.by:
			return ErrNotReady
		}
	}
	if play < t.mode.MinPlayers {
		return ErrTooFew
	}
	d.by.ready = true
	if t.phase == protocol.RoomGathers {
		t.phase, t.deadline = protocol.RoomCounts, d.now.Add(countdown)
	}
	return nil
}

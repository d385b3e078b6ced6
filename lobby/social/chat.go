package social

import (
	"context"
	"time"

	"github.com/musterhq/muster/protocol"
)

// Say takes in what a player says, from the hall: it never blocks. The player
// gets a Chat with its stamp in any case, unless the connection ends.
func (s *Social) Say(who Who, m protocol.Say) {
	err := s.talk.Take(who.address(), time.Now())
	if err == nil {
		m.Text, err = s.cleaner.Clean(m.Text)
	}
	if err == nil && m.Channel != protocol.ChannelParty && m.Channel != protocol.ChannelWhisper {
		err = ErrChannelUnknown
	}
	if err == nil && !s.desk.say(who, m) {
		err = ErrBusy
	}
	if err != nil {
		s.refuse(who, m, err)
	}
}

// Cleaner is that of chat, for rooms and matches.
func (s *Social) Cleaner() Cleaner { return s.cleaner }

// MayTalk says whether a player who is here may be heard in any channel:
// ErrMuted by a moderator, ErrBusy where that is not known yet.
func (s *Social) MayTalk(who Who) error {
	r, ok := s.circle.row(who.address())
	switch {
	case !ok:
		return ErrBusy
	case time.Now().Before(r.Muted.Until):
		return ErrMuted
	}
	return nil
}

// Hears says whether a player who is here hears another: it neither blocks nor
// mutes him.
func (s *Social) Hears(who Who, from protocol.PlayerID) bool {
	r, ok := s.circle.row(who.address())
	return ok && !r.deaf(from)
}

// Overhear keeps a line of a room of who's game, which some have heard, for
// reports, and returns its id. The room brings it to them itself.
func (s *Social) Overhear(who Who, room, text string, at time.Time, heard []protocol.PlayerID) uint64 {
	l := Line{ID: s.lastID.Add(1), From: who.Player, At: at.Round(0), Text: text, heard: heard}
	s.history.add(talk{game: who.Game, channel: protocol.ChannelRoom, group: room}, l)
	return l.ID
}

// refuse answers a line that is not passed on.
func (s *Social) refuse(who Who, m protocol.Say, why error) {
	s.tell(who.ID, protocol.Chat{Channel: m.Channel, Stamp: m.Stamp, To: m.To, Refused: Refusal(why)})
}

// pass brings a line to those who hear it, and to who has said it.
func (s *Social) pass(ctx context.Context, who Who, m protocol.Say) error {
	if err := s.MayTalk(who); err != nil {
		return err
	}
	t, audience, err := s.audience(ctx, who, m)
	if err != nil {
		return err
	}
	l := Line{ID: s.lastID.Add(1), From: who.Player, To: m.To, At: timeNow(), Text: m.Text}
	if m.Channel != protocol.ChannelWhisper {
		l.To = ""
	}
	for _, p := range audience {
		if s.Hears(Who{who.Game, protocol.Player{ID: p}}, who.ID) {
			l.heard = append(l.heard, p)
		}
	}
	s.history.add(t, l)
	c := protocol.Chat{Channel: m.Channel, ID: l.ID, From: who.ID, Name: who.Name, To: l.To, At: l.At.UnixMilli(), Text: l.Text}
	for _, p := range l.heard {
		s.tell(p, c)
	}
	c.Stamp = m.Stamp
	s.tell(who.ID, c)
	return nil
}

// audience is who could hear a line, but for who says it.
func (s *Social) audience(ctx context.Context, who Who, m protocol.Say) (t talk, all []protocol.PlayerID, err error) {
	if m.Channel == protocol.ChannelWhisper {
		to, err := s.other(ctx, who, m.To)
		return whispers(who.Game, who.ID, m.To), []protocol.PlayerID{to.ID}, err
	}
	p := s.partyOf(who)
	if p == nil {
		return t, nil, ErrNoParty
	}
	for _, x := range p.Members {
		if x.ID != who.ID {
			all = append(all, x.ID)
		}
	}
	return talk{game: who.Game, channel: m.Channel, group: string(p.ID)}, all, nil
}

package social

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// A Report is what a player tells the moderators of another.
type Report struct {
	ID      uint64    // rises; set when it is kept
	At      time.Time // set when it is kept
	Game    string
	By      protocol.Player
	Against protocol.Player
	Message uint64           // the line that it is about, 0: the player
	Channel protocol.Channel // that the lines are of, 0: there are none
	Party   store.PartyID    // of a party's channel
	Room    string           // of a room's: its code
	Lines   []Line           // the last of that channel, oldest first
	Reason  string           // in the player's words
}

// ReportPlayer reports a player, with the last lines between the two or, if there
// are none, those of the party or room where who last heard the other.
// ErrPlayerUnknown, ErrSelf, ErrReportInvalid, ErrTooFast.
func (s *Social) ReportPlayer(ctx context.Context, who Who, id protocol.PlayerID, reason string) (uint64, error) {
	against, err := s.other(ctx, who, id)
	if err != nil {
		return 0, err
	}
	t := whispers(who.Game, who.ID, id)
	lines := s.history.of(t)
	if last, ok := s.history.lastHeard(who.Game, id, who.ID); ok && len(lines) == 0 {
		t, lines = last, s.history.of(last)
	}
	return s.report(ctx, Report{By: who.Player, Against: against.Player, Reason: reason}, t, lines)
}

// ReportMessage reports a line that who has heard, with the last lines of its
// channel. ErrNoMessage, ErrReportInvalid, ErrTooFast.
func (s *Social) ReportMessage(ctx context.Context, who Who, id uint64, reason string) (uint64, error) {
	t, l, ok := s.history.find(who.Game, id, who.ID)
	if !ok {
		return 0, ErrNoMessage
	}
	return s.report(ctx, Report{By: who.Player, Against: l.From, Message: id, Reason: reason}, t, s.history.of(t))
}

func (s *Social) report(ctx context.Context, r Report, t talk, lines []Line) (uint64, error) {
	if r.Reason == "" || len(r.Reason) > maxWhy || !utf8.ValidString(r.Reason) {
		return 0, ErrReportInvalid
	}
	if err := s.accuse.Take(address{t.game, r.By.ID}, time.Now()); err != nil {
		return 0, err
	}
	r.Game, r.At, r.Lines = t.game, timeNow().UTC(), lines
	if len(lines) > 0 {
		r.Channel = t.channel
		switch t.channel {
		case protocol.ChannelParty:
			r.Party = store.PartyID(t.group)
		case protocol.ChannelRoom:
			r.Room = t.group
		}
	}
	return s.docket.open(ctx, r)
}

// Reports returns the open reports of a moderator's game that come after one,
// oldest first, at most so many and at most 100. Whether by may see them is for
// the caller to know.
func (s *Social) Reports(ctx context.Context, by Who, after uint64, most int) ([]Report, error) {
	return s.docket.page(ctx, by.Game, after, min(most, 100))
}

// Resolve closes a report, with what was done about it, and returns whom it was
// about. ErrNoReport,
// ErrReportInvalid if the words are too long.
func (s *Social) Resolve(ctx context.Context, by Who, id uint64, verdict string) (against protocol.PlayerID, err error) {
	if len(verdict) > maxWhy || !utf8.ValidString(verdict) {
		return "", ErrReportInvalid
	}
	return s.docket.resolve(ctx, by, id, verdict)
}

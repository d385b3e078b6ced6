package client

import (
	"fmt"
	"slices"
	"testing"

	"github.com/musterhq/muster/protocol"
)

func notices(ids ...uint64) (all []protocol.MailNotice) {
	for _, id := range ids {
		all = append(all, protocol.MailNotice{ID: id, Kind: "system"})
	}
	return all
}

// TestEveryNoticeOnce: over connections that bring them twice, late and with a
// gap before them, and in a program that was started anew.
func TestEveryNoticeOnce(t *testing.T) {
	var shown []uint64
	c := &Company{OnMail: func(n protocol.MailNotice) { shown = append(shown, n.ID) }}
	take := func(after uint64, ids ...uint64) protocol.Control {
		return c.take(protocol.Mail{After: after, Notices: notices(ids...)})
	}
	answers := []protocol.Control{take(0, 5, 6), take(6, 7)}
	c.connected()
	answers = append(answers, take(7, 8), take(0, 5, 6, 7), take(7, 8))
	again := &Company{OnMail: c.OnMail}
	again.Resume(c.Seen())
	answers = append(answers, again.take(protocol.Mail{Notices: notices(8, 9)}))
	if want := []uint64{5, 6, 7, 8, 9}; !slices.Equal(shown, want) {
		t.Errorf("shown %v, want %v", shown, want)
	}
	if got, want := fmt.Sprint(answers), "[{6} {7} {0} {7} {8} {9}]"; got != want {
		t.Errorf("answers %v, want %v", got, want)
	}
}

func TestCompanyKnowsTheNewest(t *testing.T) {
	var parties []uint64
	var lines []string
	c := &Company{OnParty: func(p protocol.Party) { parties = append(parties, p.Revision) }, OnChat: func(m protocol.Chat) { lines = append(lines, m.Text) }}
	for _, r := range []uint64{3, 5, 4} {
		c.take(protocol.Party{Revision: r, ID: "p"})
	}
	c.take(protocol.Chat{Text: "hi"})
	friend := protocol.PresenceOf{Player: "ada", Tie: protocol.TieFriend, State: protocol.Online}
	asks := protocol.PresenceOf{Player: "bob", Tie: protocol.TieAsks}
	c.take(protocol.Presence{Whole: true, People: []protocol.PresenceOf{friend, asks}})
	friend.State, asks.Tie = protocol.InMatch, protocol.TieNone
	c.take(protocol.Presence{People: []protocol.PresenceOf{friend, asks}})
	if got := c.People(); len(got) != 1 || got["ada"] != friend {
		t.Errorf("people: %v", got)
	}
	c.take(protocol.Presence{Whole: true})
	if got := c.People(); len(got) != 0 {
		t.Errorf("people: %v", got)
	}
	if !slices.Equal(parties, []uint64{3, 5}) || c.Party().Revision != 5 || !slices.Equal(lines, []string{"hi"}) {
		t.Errorf("parties %v, then %v; lines %q", parties, c.Party(), lines)
	}
	c.connected() // a server that was started anew counts from the beginning
	c.take(protocol.Party{Revision: 1})
	if c.Party().Revision != 1 {
		t.Error("the party of a new connection was not taken")
	}
}

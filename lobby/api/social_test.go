package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/mail"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// An ear is a Teller that keeps the last line of chat, and where to play.
type ear struct {
	mu    sync.Mutex
	last  protocol.Chat
	plays []protocol.Assignment
}

func (e *ear) Tell(_ protocol.PlayerID, msg []byte) bool {
	m, err := protocol.ParseServer(msg)
	if err != nil {
		panic(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch m := m.(type) {
	case protocol.Chat:
		e.last = m
	case protocol.Assignment:
		e.plays = append(e.plays, m)
	}
	return true
}

func (e *ear) assigned() []protocol.Assignment {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.plays)
}

func (e *ear) heard() protocol.Chat {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last
}

// people are those with an account.
type people struct{ *account.Registry }

func (p people) Person(ctx context.Context, game string, id protocol.PlayerID) (protocol.Player, error) {
	a, err := p.Account(ctx, account.Ref{Game: account.Game(game), Player: id})
	if errors.Is(err, account.ErrNotFound) {
		err = social.ErrPlayerUnknown
	}
	return protocol.Player{ID: a.Player, Name: a.Name, Game: game}, err
}

// A partyQueue takes every party, unless it shall fail.
type partyQueue struct {
	mu   sync.Mutex
	fail error
}

func (q *partyQueue) Enqueue(context.Context, social.PartyTicket) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.fail
}

func (q *partyQueue) set(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.fail = err
}

func (q *partyQueue) Cancel(store.TicketID) {}

func (s *site) openSocial(accounts *account.Registry) (*social.Social, *mail.Office) {
	s.t.Helper()
	s.queue, s.ear = &partyQueue{}, &ear{}
	quiet := slog.New(slog.DiscardHandler)
	cfg := social.Config{Friends: 3, Requests: 2, Blocks: 2, PartySize: 3, PartyInvites: 3, Log: quiet}
	friends, err := social.Open(cfg, social.Deps{Node: s.node, Store: store.New(1), Teller: s.ear, People: people{accounts}, Queue: s.queue, Normal: account.NFC})
	if err != nil {
		s.t.Fatal(err)
	}
	letters, err := mail.Open(s.node, s.ear, mail.Config{Log: quiet})
	if err != nil {
		s.t.Fatal(err)
	}
	return friends, letters
}

// A person is a guest with a voice.
type person struct {
	*site
	id      protocol.PlayerID
	bearer  string
	refresh string
}

func (s *site) person(name string) person {
	session, bearer := s.guest(name)
	return person{s, session.Player.ID, bearer, session.Refresh}
}

func (s *site) people(n int) (all []person) {
	for i := range n {
		all = append(all, s.person(fmt.Sprint("Player ", i)))
	}
	return all
}

// does asks as the person. A %s in the path is another's id.
func (p person) does(method, path string, of ...person) answer {
	p.t.Helper()
	return p.sends(method, path, "", of...)
}

func (p person) sends(method, path, body string, of ...person) answer {
	p.t.Helper()
	for _, o := range of {
		path = strings.Replace(path, "%s", string(o.id), 1)
	}
	return p.ask(method, path, body, p.bearer)
}

// comes has a person be connected.
func (p person) comes() {
	p.cfg.Social.SetPresence(p.who(), social.Presence{State: protocol.Online})
	synctest.Wait()
}

func (p person) who() social.Who {
	return whoIs(protocol.Player{ID: p.id, Name: "here", Game: game.DefaultGame})
}

// becomes is the person with a role.
func (p person) becomes(role account.Role) person {
	p.t.Helper()
	if err := p.cfg.Accounts.SetRole(context.Background(), account.Ref{Game: game.DefaultGame, Player: p.id}, role); err != nil {
		p.t.Fatal(err)
	}
	var session sessionBody
	p.ask("POST", "/v1/login/refresh", `{"refresh":"`+p.refresh+`"}`, newest).is("refresh", 200, "").read(&session)
	p.bearer, p.refresh = "Authorization: Bearer "+session.Access, session.Refresh
	return p
}

func befriend(a, b person) {
	a.t.Helper()
	a.does("PUT", "/v1/friends/%s", b).is("ask", 204, "")
	b.does("POST", "/v1/friends/%s/accept", a).is("accept", 204, "")
}

func (p person) friends() (all []friendBody) {
	p.t.Helper()
	var body struct{ Friends []friendBody }
	p.does("GET", "/v1/friends").is("friends", 200, "").read(&body)
	return body.Friends
}

func (p person) party() (body partiesBody) {
	p.t.Helper()
	p.does("GET", "/v1/party").is("party", 200, "").read(&body)
	return body
}

// nobody is the id of no player.
var nobody = person{id: protocol.PlayerID(strings.Repeat("a", 26))}

func TestFriends(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		all := s.people(3)
		ada, bob, cyd := all[0], all[1], all[2]
		if got := ada.friends(); len(got) != 0 {
			t.Errorf("a newcomer's friends: %+v", got)
		}
		ada.does("PUT", "/v1/friends/%s", bob).is("ask", 204, "")
		ada.does("PUT", "/v1/friends/%s", bob).is("ask again", 204, "")
		if a, b := ada.friends(), bob.friends(); len(a) != 1 || a[0].Tie != "asked" || a[0].Presence != nil || len(b) != 1 || b[0].Tie != "asks" || b[0].ID != ada.id || b[0].Name != "Player 0" {
			t.Errorf("asked: %+v, %+v", a, b)
		}
		bob.does("POST", "/v1/friends/%s/decline", ada).is("decline", 204, "")
		bob.does("POST", "/v1/friends/%s/decline", ada).is("decline again", 404, "request_not_found")
		bob.does("POST", "/v1/friends/%s/accept", ada).is("accept too late", 404, "request_not_found")
		ada.does("PUT", "/v1/friends/%s", bob).is("ask once more", 204, "")
		bob.does("PUT", "/v1/friends/%s", ada).is("ask back", 204, "")
		ada.comes()
		bob.comes()
		if a := ada.friends(); len(a) != 1 || a[0].Tie != "friend" || a[0].Presence == nil || a[0].Presence.State != "online" {
			t.Errorf("friends: %+v", a)
		}
		ada.does("PUT", "/v1/friends/%s", bob).is("ask a friend", 409, "friends_already")
		ada.does("DELETE", "/v1/friends/%s", bob).is("remove", 204, "")
		ada.does("DELETE", "/v1/friends/%s", bob).is("remove again", 404, "friend_not_found")
		if a, b := ada.friends(), bob.friends(); len(a)+len(b) != 0 {
			t.Errorf("removed: %+v, %+v", a, b)
		}
		ada.does("PUT", "/v1/blocks/%s", cyd).is("block", 204, "")
		ada.does("PUT", "/v1/friends/%s", cyd).is("ask whom one blocks", 409, "blocking")
		cyd.does("PUT", "/v1/friends/%s", ada).is("ask one who blocks", 204, "")
		if a := ada.friends(); len(a) != 0 {
			t.Errorf("one who is blocked got through: %+v", a)
		}
	})
}

// TestFullFriends: with three friends and two requests at most.
func TestFullFriends(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		all := s.people(12)
		ada, bob, rest := all[0], all[1], all[2:]
		bob.does("PUT", "/v1/friends/%s", ada).is("ask", 204, "")
		for _, p := range rest[:3] {
			befriend(ada, p)
		}
		ada.does("PUT", "/v1/friends/%s", rest[3]).is("a fourth", 409, "friends_full")
		ada.does("POST", "/v1/friends/%s/accept", bob).is("accept a fourth", 409, "friends_full")
		ada.does("DELETE", "/v1/friends/%s", rest[0]).is("remove", 204, "")
		for _, p := range rest[3:6] {
			befriend(bob, p)
		}
		ada.does("POST", "/v1/friends/%s/accept", bob).is("accept one who has three", 409, "theirs_full")

		cyd, dan := rest[8], rest[9]
		cyd.does("PUT", "/v1/friends/%s", rest[5]).is("ask one", 204, "")
		cyd.does("PUT", "/v1/friends/%s", dan).is("ask two", 204, "")
		cyd.does("PUT", "/v1/friends/%s", rest[6]).is("ask three", 409, "requests_full")
		rest[6].does("PUT", "/v1/friends/%s", dan).is("a second asks", 204, "")
		rest[7].does("PUT", "/v1/friends/%s", dan).is("a third asks", 409, "theirs_full")
	})
}

func TestBlocks(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		all := s.people(4)
		ada := all[0]
		for path, none := range map[string]string{"/v1/blocks/%s": "not_blocked", "/v1/mutes/%s": "not_muted"} {
			ada.does("DELETE", path, all[1]).is(path+" not yet", 404, none)
			for _, p := range []person{all[1], all[1], all[2]} {
				ada.does("PUT", path, p).is(path, 204, "")
			}
			ada.does("PUT", path, all[3]).is(path+" a third", 409, "blocks_full")
			ada.does("DELETE", path, all[1]).is(path+" back", 204, "")
		}
		var got blocksBody
		ada.does("GET", "/v1/blocks").is("list", 200, "").read(&got)
		if want := []protocol.PlayerID{all[2].id}; !slices.Equal(got.Blocks, want) || !slices.Equal(got.Mutes, want) {
			t.Errorf("listed %+v", got)
		}
	})
}

// TestNobodyAndOneself: each verb to somebody, to nobody and to oneself.
func TestNobodyAndOneself(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada := s.person("Ada")
		for _, verb := range [][2]string{{"PUT", "/v1/friends/%s"}, {"POST", "/v1/friends/%s/accept"}, {"PUT", "/v1/blocks/%s"}, {"PUT", "/v1/mutes/%s"}, {"PUT", "/v1/party/invited/%s"}} {
			ada.does(verb[0], verb[1], nobody).is(verb[1]+" nobody", 404, "player_unknown")
			ada.does(verb[0], verb[1], ada).is(verb[1]+" oneself", 400, "player_self")
		}
		report := func(who person) string { return fmt.Sprintf(`{"player":%q,"reason":"x"}`, who.id) }
		ada.sends("POST", "/v1/reports", report(nobody)).is("report nobody", 404, "player_unknown")
		ada.sends("POST", "/v1/reports", report(ada)).is("report oneself", 400, "player_self")
		ada = ada.becomes(account.RoleAdmin)
		ada.does("GET", "/v1/players/x%00/silence").is("silence of nobody", 404, "player_unknown")
		for _, verb := range [][3]string{
			{"PUT", "/v1/players/%s/silence", `{"until":"2099-01-01T00:00:00Z"}`}, {"DELETE", "/v1/players/%s/silence", ""},
			{"POST", "/v1/players/%s/warning", `{"text":"x"}`}, {"POST", "/v1/players/%s/mail", `{"kind":"a.b"}`},
		} {
			ada.sends(verb[0], verb[1], verb[2], nobody).is(verb[1], 404, "player_unknown")
		}
	})
}

func TestParties(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		all := s.people(3)
		ada, bob, cyd := all[0], all[1], all[2]
		for _, p := range all {
			p.comes()
		}
		if got := ada.party(); got.Party != nil || len(got.Invitations) != 0 {
			t.Errorf("a newcomer's: %+v", got)
		}
		ada.does("PUT", "/v1/party/invited/%s", bob).is("invite", 204, "")
		ada.does("PUT", "/v1/party/invited/%s", cyd).is("invite", 204, "")
		id := ada.party().Party.ID
		if got := bob.party(); got.Party != nil || len(got.Invitations) != 1 || got.Invitations[0].Party != id || got.Invitations[0].By.ID != ada.id {
			t.Errorf("bob sees %+v", got)
		}
		bob.does("POST", "/v1/party/invitations/"+id+"/accept").is("accept", 204, "")
		cyd.does("POST", "/v1/party/invitations/"+id+"/decline").is("decline", 204, "")
		cyd.does("POST", "/v1/party/invitations/"+id+"/decline").is("decline again", 404, "invitation_not_found")
		cyd.does("POST", "/v1/party/invitations/"+id+"/accept").is("accept too late", 404, "invitation_not_found")
		ada.does("PUT", "/v1/party/invited/%s", bob).is("invite a member", 409, "member_already")
		bob.does("POST", "/v1/party/members/%s/promote", bob).is("promote oneself", 403, "not_leader")
		bob.does("DELETE", "/v1/party/members/%s", ada).is("kick the leader", 403, "not_leader")
		ada.does("DELETE", "/v1/party/members/%s", ada).is("kick oneself", 400, "player_self")
		ada.does("DELETE", "/v1/party/members/%s", cyd).is("kick a stranger", 404, "member_not_found")
		ada.does("POST", "/v1/party/members/%s/promote", cyd).is("promote a stranger", 404, "member_not_found")
		ada.does("POST", "/v1/party/members/%s/promote", bob).is("promote", 204, "")
		if got := ada.party().Party; got.Leader != bob.id || len(got.Members) != 2 || !got.Members[0].Here {
			t.Errorf("promoted: %+v", got)
		}
		bob.does("PUT", "/v1/party/invited/%s", cyd).is("invite", 204, "")
		if got := ada.party().Party; len(got.Invited) != 1 || got.Invited[0].ID != cyd.id {
			t.Errorf("invited: %+v", got)
		}
		bob.does("DELETE", "/v1/party/invited/%s", cyd).is("uninvite", 204, "")
		bob.does("DELETE", "/v1/party/invited/%s", cyd).is("uninvite again", 404, "invitation_not_found")
		bob.does("DELETE", "/v1/party/members/%s", ada).is("kick", 204, "")
		bob.does("PUT", "/v1/party/invited/%s", cyd).is("a party of one, and one invited", 204, "")
		bob.does("DELETE", "/v1/party").is("leave", 204, "")
		for _, verb := range [][2]string{{"DELETE", "/v1/party"}, {"DELETE", "/v1/party/invited/%s"}, {"DELETE", "/v1/party/members/%s"},
			{"POST", "/v1/party/members/%s/promote"}, {"DELETE", "/v1/party/ticket"}} {
			bob.does(verb[0], verb[1], ada).is(verb[0]+verb[1], 404, "no_party")
		}
		bob.sends("POST", "/v1/party/ticket", `{"mode":"duel"}`).is("queue", 404, "no_party")
		bob.sends("PUT", "/v1/party/pings", `{"pings":{"eu":20}}`).is("pings", 404, "no_party")
	})
}

// TestFullParties: with three members and three invitations at most.
func TestFullParties(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		all := s.people(7)
		ada := all[0]
		ada.does("PUT", "/v1/blocks/%s", all[6]).is("block", 204, "")
		ada.does("PUT", "/v1/party/invited/%s", all[6]).is("invite whom one blocks", 409, "blocking")
		for _, p := range all[1:4] {
			ada.does("PUT", "/v1/party/invited/%s", p).is("invite", 204, "")
		}
		ada.does("PUT", "/v1/party/invited/%s", all[4]).is("a fourth", 409, "invites_full")
		id := ada.party().Party.ID
		all[3].does("PUT", "/v1/party/invited/%s", all[5]).is("a party of another", 204, "")
		all[5].does("POST", "/v1/party/invitations/"+all[3].party().Party.ID+"/accept").is("joined", 204, "")
		all[3].does("POST", "/v1/party/invitations/"+id+"/accept").is("from a party with others", 409, "in_other_party")
		all[1].does("POST", "/v1/party/invitations/"+id+"/accept").is("accept", 204, "")
		ada.does("PUT", "/v1/party/invited/%s", all[4]).is("one more", 204, "")
		all[2].does("POST", "/v1/party/invitations/"+id+"/accept").is("accept", 204, "")
		all[4].does("POST", "/v1/party/invitations/"+id+"/accept").is("a fourth member", 409, "party_full")
		ada.does("PUT", "/v1/party/invited/%s", all[6]).is("invite whom one blocks", 409, "blocking")
		ada.does("PUT", "/v1/party/invited/%s", all[5]).is("into a full one", 409, "party_full")
	})
}

// pingBodies are what a member of a party may say of pings.
var pingBodies = map[string]struct {
	status int
	code   string
}{
	`{"pings":{"eu":20,"us":10000}}`:       {204, ""},
	`{"pings":{}}`:                         {204, ""},
	`{}`:                                   {204, ""},
	`{"pings":{"eu":0}}`:                   {400, "pings_invalid"},
	`{"pings":{"eu":10001}}`:               {400, "pings_invalid"},
	`{"pings":{"eu":9223372036854775807}}`: {400, "pings_invalid"},
	`{"pings":{"mars":20}}`:                {400, "pings_invalid"},
	`{"pings":{"eu":20,"EU":20}}`:          {400, "pings_invalid"},
	`{"pings":{"eu":"20"}}`:                {400, "body_invalid"},
	`{"pings":{"eu":20},"mode":"duel"}`:    {400, "body_invalid"},
}

func TestAPartyQueues(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		all := s.people(2)
		ada, bob := all[0], all[1]
		ada.comes()
		ada.does("PUT", "/v1/party/invited/%s", bob).is("invite", 204, "")
		bob.does("POST", "/v1/party/invitations/"+ada.party().Party.ID+"/accept").is("accept", 204, "")
		queue := func(p person) answer { return p.sends("POST", "/v1/party/ticket", `{"mode":"duel"}`) }
		queue(ada).is("one is away", 409, "party_away")
		for body, want := range pingBodies {
			bob.sends("PUT", "/v1/party/pings", body).is(body, want.status, want.code)
		}
		bob.comes()
		queue(bob).is("a member", 403, "not_leader")
		for _, test := range []struct {
			err    error
			status int
			code   string
		}{
			{lobby.ErrModeUnknown, 404, "mode_unknown"}, {lobby.ErrPings, 400, "pings_invalid"}, {lobby.ErrProps, 400, "props_invalid"}, {lobby.ErrParty, 409, "party_too_large"}, {lobby.ErrTicketExists, 409, "ticket_exists"},
			{lobby.ErrQueueFull, 503, "queue_full"}, {bus.ErrNoSpace, 503, "storage_unavailable"}, {lobby.ErrDraining, 503, "draining"},
		} {
			s.queue.set(test.err)
			queue(ada).is(test.code, test.status, test.code)
		}
		s.queue.set(nil)
		for _, bad := range []string{`{"mode":"duel","pings":{"eu":0}}`, `{"mode":"duel","pings":{"eu":9223372036854775807}}`} {
			ada.sends("POST", "/v1/party/ticket", bad).is(bad, 400, "pings_invalid")
		}
		var body struct{ Ticket string }
		queue(ada).is("queue", 201, "").read(&body)
		if got := bob.party().Party; got.Ticket != body.Ticket || got.Mode != "duel" {
			t.Errorf("queued: %+v", got)
		}
		queue(ada).is("again", 409, "party_queued")
		bob.does("DELETE", "/v1/party/ticket").is("a member", 403, "not_leader")
		ada.does("DELETE", "/v1/party/ticket").is("cancel", 204, "")
		ada.does("DELETE", "/v1/party/ticket").is("cancel again", 404, "party_not_queued")
	})
}

// whispers has a person who is here say something to another, and returns the
// line's id.
func (p person) whispers(to person, text string) uint64 {
	p.t.Helper()
	p.cfg.Social.Say(p.who(), protocol.Say{Channel: protocol.ChannelWhisper, To: to.id, Text: text})
	synctest.Wait()
	if c := p.ear.heard(); c.Text == text {
		return c.ID
	}
	p.t.Errorf("%q was not heard: %+v", text, p.ear.heard())
	return 0
}

func TestReports(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada, eve, mod := s.person("Ada"), s.person("Eve"), s.person("Mod").becomes(account.RoleModerator)
		ada.comes()
		eve.comes()
		line := eve.whispers(ada, "you stink")
		about := fmt.Sprintf(`{"message":%d,"reason":"insult"}`, line)
		ada.sends("POST", "/v1/reports", about).is("report a line", 201, "")
		mod.sends("POST", "/v1/reports", about).is("a line that one has not heard", 404, "message_not_found")
		ada.sends("POST", "/v1/reports", fmt.Sprintf(`{"player":%q,"reason":"aimbot"}`, eve.id)).is("report a player", 201, "")
		said := ada.cfg.Social.Overhear(eve.who(), "AB23CD", "in a room, too", time.Now(), []protocol.PlayerID{ada.id})
		ada.sends("POST", "/v1/reports", fmt.Sprintf(`{"message":%d,"reason":"rude"}`, said)).is("report a line of a room", 201, "")
		for _, body := range []string{`{"reason":"x"}`, fmt.Sprintf(`{"player":%q,"message":1,"reason":"x"}`, eve.id)} {
			ada.sends("POST", "/v1/reports", body).is(body, 400, "body_invalid")
		}
		ada.sends("POST", "/v1/reports", fmt.Sprintf(`{"player":%q,"reason":""}`, eve.id)).is("no reason", 400, "report_invalid")

		list := func(query string) (all []reportBody) {
			var body struct{ Reports []reportBody }
			mod.does("GET", "/v1/reports"+query).is("list", 200, "").read(&body)
			return body.Reports
		}
		all := list("")
		if len(all) != 3 || all[0].Message != line || all[0].By.ID != ada.id || all[0].Against.ID != eve.id || all[0].Lines[0].Text != "you stink" || all[1].Reason != "aimbot" {
			t.Fatalf("reports: %+v", all)
		}
		if all[0].Channel != "whisper" || all[2].Channel != "room" || all[2].Message != said || len(all[2].Lines) != 1 || all[2].Lines[0].Text != "in a room, too" {
			t.Errorf("of a room: %+v", all[2])
		}
		if got := list(fmt.Sprintf("?after=%d&limit=5", all[0].ID)); len(got) != 2 || got[0].ID != all[1].ID {
			t.Errorf("after the first: %+v", got)
		}
		mod.does("GET", "/v1/reports?after=-1").is("after", 400, "after_invalid")
		mod.does("GET", "/v1/reports?limit=1000").is("limit", 400, "limit_invalid")
		resolve := fmt.Sprintf("/v1/reports/%d/resolve", all[0].ID)
		mod.sends("POST", resolve, `{"verdict":"`+strings.Repeat("x", 300)+`"}`).is("too long", 400, "report_invalid")
		mod.sends("POST", resolve, `{"verdict":"warned"}`).is("resolve", 204, "")
		mod.sends("POST", resolve, `{"verdict":"warned"}`).is("again", 404, "report_not_found")
		mod.sends("POST", "/v1/reports/x/resolve", `{"verdict":"warned"}`).is("no number", 404, "report_not_found")
		if got := list(""); len(got) != 2 {
			t.Errorf("still open: %+v", got)
		}
		if !strings.Contains(s.log.String(), "action=report.resolve") {
			t.Error("the deed is not in the log")
		}
		for range 7 {
			ada.sends("POST", "/v1/reports", fmt.Sprintf(`{"player":%q,"reason":"x"}`, eve.id)).is("report", 201, "")
		}
		ada.sends("POST", "/v1/reports", fmt.Sprintf(`{"player":%q,"reason":"x"}`, eve.id)).is("an eleventh", 429, "too_fast")
	})
}

func TestSilence(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada, eve, mod := s.person("Ada"), s.person("Eve"), s.person("Mod").becomes(account.RoleModerator)
		eve.comes()
		silence := func(of person, until time.Time) answer {
			return mod.sends("PUT", "/v1/players/%s/silence", fmt.Sprintf(`{"until":%q,"reason":"insults"}`, until.Format(time.RFC3339)), of)
		}
		mod.does("GET", "/v1/players/%s/silence", eve).is("none", 404, "not_muted")
		silence(eve, time.Now().Add(-time.Hour)).is("in the past", 400, "silence_invalid")
		silence(eve, time.Now().Add(time.Hour)).is("silence", 204, "")
		var got silenceBody
		mod.does("GET", "/v1/players/%s/silence", eve).is("look", 200, "").read(&got)
		if got.By != mod.id || got.Reason != "insults" {
			t.Errorf("silence: %+v", got)
		}
		eve.cfg.Social.Say(eve.who(), protocol.Say{Channel: protocol.ChannelWhisper, To: ada.id, Text: "hm"})
		synctest.Wait()
		if c := s.ear.heard(); c.Refused != "muted" {
			t.Errorf("said: %+v", c)
		}
		mod.does("DELETE", "/v1/players/%s/silence", eve).is("lift", 204, "")
		eve.whispers(ada, "hello")
		other := s.person("Other").becomes(account.RoleModerator)
		silence(other, time.Now().Add(time.Hour)).is("another moderator", 403, "rank_too_low")
		mod.does("DELETE", "/v1/players/%s/silence", other).is("another moderator", 403, "rank_too_low")
		mod.sends("POST", "/v1/players/%s/warning", `{"text":"hm"}`, other).is("another moderator", 403, "rank_too_low")
	})
}

func TestMail(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada, mod, admin := s.person("Ada"), s.person("Mod").becomes(account.RoleModerator), s.person("Root").becomes(account.RoleAdmin)
		send := func(body string) answer { return admin.sends("POST", "/v1/players/%s/mail", body, ada) }
		var first, again struct{ ID uint64 }
		send(`{"kind":"shop.gift","text":"A gift","data":"{}","key":"k"}`).is("send", 201, "").read(&first)
		send(`{"kind":"shop.gift","text":"Another","key":"k"}`).is("with the same key", 201, "").read(&again)
		if first != again {
			t.Errorf("one key, two notices: %+v, %+v", first, again)
		}
		send(`{"kind":"Gift"}`).is("no kind", 400, "kind_invalid")
		send(`{"kind":"a.b","text":"`+strings.Repeat("x", 1025)+`"}`).is("too long", 400, "text_invalid")
		mod.sends("POST", "/v1/players/%s/mail", `{"kind":"a.b"}`, ada).is("a moderator's own kind", 403, "forbidden")
		mod.sends("POST", "/v1/players/%s/warning", `{"text":"`+strings.Repeat("x", 1025)+`"}`, ada).is("too long", 400, "text_invalid")
		mod.sends("POST", "/v1/players/%s/warning", `{"text":""}`, ada).is("nothing", 400, "body_invalid")
		mod.sends("POST", "/v1/players/%s/warning", `{"text":"Be kind."}`, ada).is("warn", 201, "").read(&again)
		unread := func() (all []noticeBody) {
			var body struct{ Notices []noticeBody }
			ada.does("GET", "/v1/mail").is("unread", 200, "").read(&body)
			return body.Notices
		}
		if all := unread(); len(all) != 2 || all[0].Text != "A gift" || all[0].ID != first.ID || all[1].Kind != "moderator" || all[1].Text != "Be kind." {
			t.Errorf("unread: %+v", all)
		}
		ada.sends("POST", "/v1/mail/ack", `{}`).is("ack of nothing", 400, "body_invalid")
		ack := fmt.Sprintf(`{"id":%d}`, first.ID)
		for range 2 {
			ada.sends("POST", "/v1/mail/ack", ack).is("ack", 204, "")
		}
		if all := unread(); len(all) != 1 || all[0].ID != again.ID {
			t.Errorf("left: %+v", all)
		}
	})
}

func TestFindingAPlayer(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada, bob := s.person("Ada"), s.person("Bob")
		if err := s.cfg.Accounts.AddPassword(s.t.Context(), account.Ref{Game: game.DefaultGame, Player: ada.id}, account.Credentials{Username: "ada.lovelace", Password: "correct horse battery"}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"ada.lovelace", "Ada_Lovelace", "ada.l0velace"} {
			var got playerBody
			bob.does("GET", "/v1/players?name="+name).is(name, 200, "").read(&got)
			if got.ID != ada.id || got.Name != "Ada" {
				t.Errorf("%s is %+v", name, got)
			}
		}
		for _, nobody := range []string{"", "?name="} {
			bob.does("GET", "/v1/players"+nobody).is("nobody's name", 400, "parameter_missing")
		}
		for _, name := range []string{"bob", "%00", strings.Repeat("x", 5000)} {
			bob.does("GET", "/v1/players?name="+name).is(name[:min(9, len(name))], 404, "player_unknown")
		}
	})
}

// operations calls with each operation that needs a token and lists an answer.
func operations(t *testing.T, listed result, with func(method, path string)) {
	t.Helper()
	n := 0
	for _, methods := range theContract().operations {
		for _, o := range methods {
			security, _ := o.def["security"].([]any)
			if slices.Contains(o.answers, listed) && len(security) > 0 && o.path != "/v1/socket" {
				with(strings.ToUpper(o.method), o.path)
				n++
			}
		}
	}
	if n == 0 {
		t.Errorf("nothing answers %+v", listed)
	}
}

// aimed is an operation's path with a player or a mode in it.
func aimed(path string, p person) string {
	return strings.NewReplacer("{id}", string(p.id), "{mode}", "ffa").Replace(path)
}

// TestTokensEverywhere: no operation does anything for one who is not logged in.
func TestTokensEverywhere(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada, bob, cyd := s.person("Ada"), s.person("Bob"), s.person("Cyd")
		every := func(code, bearer string) {
			operations(t, result{401, code}, func(method, path string) {
				s.ask(method, aimed(path, cyd), "", bearer).is(method+" "+path, 401, code)
			})
		}
		every("token_missing", "X-Nothing: x")
		every("token_invalid", "Authorization: Bearer x")
		if err := s.cfg.Accounts.LogoutEverywhere(s.t.Context(), account.Ref{Game: game.DefaultGame, Player: bob.id}); err != nil {
			t.Fatal(err)
		}
		every("token_revoked", bob.bearer)
		time.Sleep(expiry)
		every("token_expired", ada.bearer)
	})
}

// TestRolesEverywhere: what is for players is not for back ends, and what is not
// for players not for them.
func TestRolesEverywhere(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada, bob := s.person("Ada"), s.person("Bob")
		key, _, err := s.cfg.Accounts.NewServiceKey(s.t.Context(), game.DefaultGame, "shop")
		if err != nil {
			t.Fatal(err)
		}
		shop := person{site: s, bearer: "Authorization: Bearer " + key}
		operations(t, result{403, "forbidden"}, func(method, path string) {
			refused := shop.does(method, aimed(path, bob))
			if refused.Code != 403 {
				refused = ada.does(method, aimed(path, bob))
			}
			refused.is(method+" "+path, 403, "forbidden")
		})
	})
}

// TestLimitsEverywhere: for an address that has used up all it may.
func TestLimitsEverywhere(t *testing.T) {
	none := Rate{1e-9, 0}
	onSite(t, func(c *Config) {
		unlimited(c)
		c.Limits.Ticket, c.Limits.Read, c.Limits.Find, c.Limits.Service = none, none, none, none
	}, func(s *site) {
		ada, bob := s.person("Ada"), s.person("Bob")
		operations(t, result{429, "rate_limited"}, func(method, path string) {
			ada.does(method, aimed(path, bob)).is(method+" "+path, 429, "rate_limited")
		})
	})
}

// TestAccountsAreLimitedEverywhere: wherever they ask from.
func TestAccountsAreLimitedEverywhere(t *testing.T) {
	none := Rate{1e-9, 0}
	onSite(t, func(c *Config) {
		unlimited(c)
		c.Limits.PlayerRead, c.Limits.PlayerChat, c.Limits.PlayerFind, c.Limits.PlayerSocial = none, none, none, none
	}, func(s *site) {
		ada, bob := s.person("Ada"), s.person("Bob")
		for _, verb := range [][2]string{{"GET", "/v1/friends"}, {"PUT", "/v1/friends/%s"}, {"GET", "/v1/players?name=x"}, {"POST", "/v1/reports"}, {"PUT", "/v1/party/invited/%s"}, {"GET", "/v1/mail"}} {
			ada.does(verb[0], verb[1], bob).is(verb[1], 429, "rate_limited")
		}
	})
}

// TestNothingCanBeKeptAnywhere: where nothing can be written or read, nobody is
// told that something was done.
func TestNothingCanBeKeptAnywhere(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		root, bob := s.person("Root").becomes(account.RoleAdmin), s.person("Bob")
		bodies := map[string]string{}
		bodied(t, func(o *op, _ map[string]any, body string) {
			bodies[o.name()] = strings.Replace(body, nowhere, string(bob.id), 1)
		})
		var key serviceKeyBody
		root.sends("POST", "/v1/service-keys", `{"name":"shop"}`).is("key", 201, "").read(&key)
		s.plays("m", "ffa", root, bob)
		s.node.Close()
		operations(t, result{503, "storage_unavailable"}, func(method, path string) {
			name := method + " " + path
			switch strings.ToUpper(method) + " " + path {
			case "GET /v1/tickets", "POST /v1/tickets", "POST /v1/party/ticket", "GET /v1/matches", "POST /v1/matches/{id}/watch":
				return // they depend on more than a body
			}
			if path == "/v1/players" {
				path += "?name=ada.lovelace"
			}
			if strings.HasPrefix(path, "/v1/reports/") {
				path = strings.Replace(path, "{id}", strconv.Itoa(1), 1)
			}
			if strings.HasPrefix(path, "/v1/service-keys/") {
				path = strings.Replace(path, "{id}", key.ID, 1)
			}
			root.sends(method, aimed(path, bob), bodies[name]).is(name, 503, "storage_unavailable")
		})
	})
}

// nowhere is the id in the document's examples.
const nowhere = "mfrggzdfmztwq2lknnwg23tpob"

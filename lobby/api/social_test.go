package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/mail"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// A deaf Teller reaches nobody.
type deaf struct{}

func (deaf) Tell(protocol.PlayerID, []byte) bool { return false }

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

func (q *partyQueue) Cancel(store.TicketID) {}

func (s *site) openSocial(accounts *account.Registry) (*social.Social, *mail.Office) {
	s.t.Helper()
	s.queue = &partyQueue{}
	quiet := slog.New(slog.DiscardHandler)
	cfg := social.Config{Friends: 3, Requests: 2, Blocks: 2, PartySize: 3, PartyInvites: 3, Log: quiet}
	friends, err := social.Open(cfg, social.Deps{Node: s.node, Store: store.New(1), Teller: deaf{}, People: people{accounts}, Queue: s.queue, Normal: account.NFC})
	if err != nil {
		s.t.Fatal(err)
	}
	letters, err := mail.Open(s.node, deaf{}, mail.Config{Log: quiet})
	if err != nil {
		s.t.Fatal(err)
	}
	return friends, letters
}

// A person is a guest with a voice.
type person struct {
	*site
	id     protocol.PlayerID
	bearer string
}

func (s *site) person(name string) person {
	session, bearer := s.guest(name)
	return person{s, session.Player.ID, bearer}
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
	p.cfg.Social.SetPresence(social.Who{Game: game.DefaultGame, Player: protocol.Player{ID: p.id, Name: "here", Game: game.DefaultGame}}, social.Presence{State: protocol.Online})
	synctest.Wait()
}

// becomes gives a role, which the next access token has.
func (p person) becomes(role account.Role) person {
	p.t.Helper()
	if err := p.cfg.Accounts.SetRole(context.Background(), account.Ref{Game: game.DefaultGame, Player: p.id}, role); err != nil {
		p.t.Fatal(err)
	}
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

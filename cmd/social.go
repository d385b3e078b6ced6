package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/career"
	"github.com/musterhq/muster/lobby/mail"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// openSocial opens what players are to each other and their mail, and has both
// follow the players' connections. What is told goes to wherever these stand.
func (s *Server) openSocial(f *follower) (err error) {
	if s.mail, err = mail.Open(s.node, s.upgrader, mail.Config{Log: s.log}); err != nil {
		return err
	}
	// Its store holds parties, apart from the tickets, whose writers wait for nobody.
	s.social, err = social.Open(social.Config{Log: s.log}, social.Deps{
		Node: s.node, Store: store.New(0), Teller: s.upgrader, People: people{s.accounts},
		Queue: &s.parties, Normal: account.NFC, Post: post{s.mail},
	})
	if err != nil {
		return err
	}
	s.accounts.AddHolder("friends", friendHolder{s.social})
	s.accounts.AddHolder("mail", mailHolder{s.mail})
	f.social, f.mail = s.social, s.mail
	return nil
}

// runSocial serves both until ctx ends.
func (s *Server) runSocial(ctx context.Context) error {
	var own sync.WaitGroup
	own.Go(func() { s.social.Run(ctx) })
	own.Go(func() { s.mail.Run(ctx) })
	own.Go(func() { s.sweepMail(ctx) })
	own.Wait()
	return nil
}

// sweepMail drops, once a day, what has expired of those who never come.
func (s *Server) sweepMail(ctx context.Context) {
	day := time.NewTicker(24 * time.Hour)
	defer day.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-day.C:
		}
		if err := s.mail.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("mail: sweep", "err", err)
		}
	}
}

// A follower knows where players stand, and tells those who tell their friends.
// It implements [socket.Follower].
type follower struct {
	// set before the first connection and never changed
	social *social.Social
	mail   *mail.Office

	mu sync.Mutex
	of map[protocol.PlayerID][]standing // under mu: the newest last, never empty
}

// A standing is a connection and where it is.
type standing struct {
	conn uint64 // id
	at   socket.Place
}

func newFollower() *follower { return &follower{of: make(map[protocol.PlayerID][]standing)} }

// Stands implements [socket.Follower]. Who comes anew is told everything.
func (f *follower) Stands(c *socket.Conn, at socket.Place) {
	f.mu.Lock()
	defer f.mu.Unlock()
	who := c.Player()
	all := f.of[who.ID]
	i := len(all) - 1
	for i >= 0 && all[i].conn != c.ID() {
		i--
	}
	fresh := i < 0
	if fresh {
		all = append(all, standing{conn: c.ID()})
		i = len(all) - 1
		f.of[who.ID] = all
	}
	all[i].at = at
	f.social.SetPresence(whoIs(who), presenceAt(all[len(all)-1].at))
	if fresh {
		f.begin(who)
	}
}

// begin has a connection told all that its player should know.
func (f *follower) begin(who protocol.Player) {
	f.social.Enter(whoIs(who))
	f.mail.Attach(who.Game, who.ID)
}

// Said implements [socket.Follower].
func (f *follower) Said(c *socket.Conn, m protocol.Control) {
	who := c.Player()
	switch m := m.(type) {
	case protocol.Say:
		f.social.Say(whoIs(who), m)
	case protocol.MailAck:
		f.mail.Acked(who.Game, who.ID, m.ID)
	}
}

// Gone implements [socket.Follower]. Where another connection is left, what was
// told may have gone with this one: it is told again.
func (f *follower) Gone(c *socket.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	who := c.Player()
	all := f.of[who.ID]
	var left []standing
	for _, s := range all {
		if s.conn != c.ID() {
			left = append(left, s)
		}
	}
	switch {
	case len(left) == len(all):
	case len(left) == 0:
		delete(f.of, who.ID)
		f.mail.Detach(who.Game, who.ID)
		f.social.SetPresence(whoIs(who), social.Presence{})
	default:
		f.of[who.ID] = left
		f.social.SetPresence(whoIs(who), presenceAt(left[len(left)-1].at))
		f.begin(who)
	}
}

func presenceAt(at socket.Place) social.Presence {
	return social.Presence{State: at.State, Joinable: at.Joinable, Where: at.Where}
}

func whoIs(p protocol.Player) social.Who { return social.Who{Game: p.Game, Player: p} }

// people are those who have an account. They implement [social.People].
type people struct{ accounts *account.Registry }

func (p people) Person(ctx context.Context, game string, id protocol.PlayerID) (protocol.Player, error) {
	a, err := p.accounts.Account(ctx, account.Ref{Game: account.Game(game), Player: id})
	if errors.Is(err, account.ErrNotFound) {
		err = social.ErrPlayerUnknown
	}
	if err != nil {
		return protocol.Player{}, err
	}
	return protocol.Player{ID: a.Player, Name: a.Name, Game: game}, nil
}

// A partyQueue has parties queue in the lobby. It implements [social.Queue].
type partyQueue struct {
	lobby *lobby.Lobby // set before the first request
}

// Enqueue implements [social.Queue].
func (q *partyQueue) Enqueue(ctx context.Context, t social.PartyTicket) error {
	w := lobby.Wish{ID: t.ID, Party: t.Party, Mode: t.Mode, Props: t.Props, Fresh: t.Fresh}
	for _, m := range t.Members {
		w.Players = append(w.Players, lobby.Seeker{Player: m.Player, Pings: m.Pings})
	}
	_, err := q.lobby.Enqueue(ctx, w)
	return err
}

// Cancel implements [social.Queue].
func (q *partyQueue) Cancel(id store.TicketID) { q.lobby.Withdraw(id) }

// A post sends by mail what is meant for players who are not here. It
// implements [social.Post].
type post struct{ mail *mail.Office }

// Invited sends one notice an hour of each friend who invites.
func (p post) Invited(ctx context.Context, to social.Who, by protocol.Player, party store.PartyID, expires time.Time) error {
	data, _ := json.Marshal(map[string]any{"party": party, "by": by.ID, "expires": expires.Unix()})
	_, err := p.mail.Send(ctx, to.Game, to.ID, mail.Letter{
		Kind: mail.KindInvite, Text: by.Name + " has invited you to a party.", Data: string(data),
		Key: fmt.Sprintf("invite/%s/%d", by.ID, time.Now().Unix()/3600),
	})
	return err
}

// mailResult keeps for each player of a match how it came out.
func (s *Server) mailResult(ctx context.Context, a career.Applied) error {
	for _, p := range a.Players {
		data, _ := json.Marshal(map[string]any{"match": a.Match, "mode": a.Mode, "why": a.Why, "left": p.Left,
			"verdict": p.Verdict, "place": p.Place, "score": p.Score, "before": p.Before, "after": p.After})
		text := fmt.Sprintf("Your match of %s is over.", a.Mode)
		switch {
		case p.Verdict == board.Unfinished:
			text = fmt.Sprintf("Your match of %s was not played to its end and counts for nothing.", a.Mode)
		case p.Place > 0:
			text = fmt.Sprintf("Your match of %s is over: you are number %d.", a.Mode, p.Place)
		}
		l := mail.Letter{Kind: mail.KindResult, Text: text, Data: string(data), Key: "result/" + string(a.Match)}
		if _, err := s.mail.Send(ctx, a.Game, p.Player, l); err != nil {
			return err
		}
	}
	return nil
}

// friendHolder has accounts take their friends and blocks with them.
type friendHolder struct{ social *social.Social }

// Export implements [account.Holder].
func (h friendHolder) Export(ctx context.Context, ref account.Ref) (any, error) {
	return h.social.Export(ctx, whoOf(ref))
}

// Delete implements [account.Holder].
func (h friendHolder) Delete(ctx context.Context, ref account.Ref) error {
	return h.social.Forget(ctx, whoOf(ref))
}

// mailHolder has accounts take their mail with them.
type mailHolder struct{ mail *mail.Office }

// Export implements [account.Holder].
func (h mailHolder) Export(ctx context.Context, ref account.Ref) (any, error) {
	return h.mail.Unread(ctx, string(ref.Game), ref.Player)
}

// Delete implements [account.Holder].
func (h mailHolder) Delete(ctx context.Context, ref account.Ref) error {
	return h.mail.Delete(ctx, string(ref.Game), ref.Player)
}

func whoOf(ref account.Ref) social.Who {
	return whoIs(protocol.Player{ID: ref.Player, Game: string(ref.Game)})
}

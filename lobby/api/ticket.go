package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// MaxWait bounds how long an answer may be waited for.
const MaxWait = 30 * time.Second

// ticketBody is a ticket as its player sees it.
type ticketBody struct {
	ID         store.TicketID  `json:"id"`
	Mode       string          `json:"mode"`
	State      store.State     `json:"state"`
	Reason     string          `json:"reason,omitempty"`     // with cancelled and failed
	Waiting    *waitingBody    `json:"waiting,omitempty"`    // with waiting
	Offer      *offerBody      `json:"offer,omitempty"`      // with offered
	Assignment *assignmentBody `json:"assignment,omitempty"` // with placed
}

// waitingBody is why a ticket waits.
type waitingBody struct {
	Waited   int64  `json:"waited_ms"`
	Gap      int    `json:"gap,omitempty"`  // none: anybody
	Ping     int    `json:"ping,omitempty"` // none: anywhere
	InRange  int    `json:"in_range"`
	Estimate int64  `json:"estimate_ms,omitempty"` // none: nobody knows
	Why      string `json:"why,omitempty"`         // none: nobody has looked yet
}

// offerBody is a match to be accepted.
type offerBody struct {
	Left     int64 `json:"left_ms"`
	Players  int   `json:"players"`
	Accepted int   `json:"accepted"`
	You      bool  `json:"you"`
}

type assignmentBody struct {
	URL   string           `json:"url"`
	Match protocol.MatchID `json:"match"`
	Pass  string           `json:"pass"`
}

// wishBody is what a player queues for, alone or with a party.
type wishBody struct {
	Mode  string            `json:"mode"`
	Pings pingsBody         `json:"pings"`
	Props map[string]string `json:"props"`
	Fresh bool              `json:"fresh"`
}

// pingsBody are a player's own round trips in ms by region.
type pingsBody map[string]int

func (b pingsBody) pings() (store.Pings, error) {
	pings := make(store.Pings, len(b))
	for region, ms := range b {
		if ms < 1 || ms > 10_000 { // before it is multiplied
			return nil, lobby.ErrPings
		}
		pings[region] = time.Duration(ms) * time.Millisecond
	}
	return pings, nil
}

func (a *api) createTicket(c *gin.Context) {
	var body wishBody
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	pings, err := body.Pings.pings()
	if err != nil {
		refuse(c, err)
		return
	}
	t, err := a.lobby.Enqueue(c.Request.Context(), lobby.Wish{Mode: body.Mode, Props: body.Props, Fresh: body.Fresh,
		Players: []lobby.Seeker{{Player: player(c), Pings: pings}}})
	if errors.Is(err, lobby.ErrTicketExists) {
		r := refusalOf(err)
		r.ticket = t.ID
		err = &r
	}
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("Location", "/v1/tickets/"+string(t.ID))
	c.JSON(http.StatusCreated, a.show(c, t))
}

// getTicket answers at once, or with wait as soon as the ticket's state is
// final or another than the one in the query, which without one is that at the
// call.
func (a *api) getTicket(c *gin.Context) {
	wait, err := parseWait(c.Query("wait"))
	if err != nil {
		refuse(c, err)
		return
	}
	seen, err := parseState(c.Query("state"))
	if err != nil {
		refuse(c, err)
		return
	}
	t, err := a.wait(c.Request.Context(), player(c).ID, store.TicketID(c.Param("id")), seen, wait)
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, a.show(c, t))
}

func (a *api) wait(ctx context.Context, who protocol.PlayerID, id store.TicketID, seen store.State, wait time.Duration) (store.Ticket, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return a.lobby.Wait(ctx, who, id, seen)
}

func (a *api) cancelTicket(c *gin.Context) {
	if err := a.lobby.Cancel(player(c).ID, store.TicketID(c.Param("id"))); err != nil {
		refuse(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

func (a *api) acceptMatch(c *gin.Context) { a.answerOffer(c, true) }

func (a *api) declineMatch(c *gin.Context) { a.answerOffer(c, false) }

func (a *api) answerOffer(c *gin.Context, yes bool) {
	if err := a.lobby.Accept(player(c).ID, store.TicketID(c.Param("id")), yes); err != nil {
		refuse(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

// parseWait reads a duration; beyond MaxWait it is cut.
func parseWait(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	wait, err := time.ParseDuration(s)
	if err != nil || wait < 0 {
		return 0, errWait
	}
	return min(wait, MaxWait), nil
}

func parseState(s string) (store.State, error) {
	switch s := store.State(s); s {
	case "", store.Waiting, store.Offered, store.Forming, store.Placed, store.Cancelled, store.Failed:
		return s, nil
	}
	return "", errState
}

func (a *api) show(c *gin.Context, t store.Ticket) ticketBody {
	body := ticketBody{ID: t.ID, Mode: t.Mode, State: t.State, Reason: t.Why}
	switch who := player(c).ID; t.State {
	case store.Waiting:
		w := a.lobby.WhyWaiting(t)
		body.Waiting = &waitingBody{w.Waited.Milliseconds(), w.Gap, w.Ping, w.InRange, w.Estimate.Milliseconds(), w.Why}
	case store.Offered:
		if o, ok := a.lobby.OfferOf(who); ok && o.Ticket == string(t.ID) {
			body.Offer = &offerBody{o.Left.Milliseconds(), o.Players, o.Accepted, o.You}
		}
	case store.Placed:
		own := t.Assignments[t.Member(who)]
		body.Assignment = &assignmentBody{own.URL, own.Match, own.Pass}
		if own.URL == "" {
			body.Assignment.URL = a.socketURL(c.Request)
		}
	}
	return body
}

// socketURL is this node's socket under the name by which the client has
// reached it.
func (a *api) socketURL(r *http.Request) string {
	scheme := "ws"
	if r.TLS != nil || a.proxies.trust(r) && r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "wss"
	}
	return scheme + "://" + r.Host + "/v1/socket"
}

package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// partiesBody is what a player sees of parties.
type partiesBody struct {
	Party       *partyBody       `json:"party,omitempty"` // the player's own
	Invitations []invitationBody `json:"invitations"`     // to others
}

type partyBody struct {
	ID      string            `json:"id"`
	Leader  protocol.PlayerID `json:"leader"`
	Most    int               `json:"most"`
	Mode    string            `json:"mode,omitempty"`   // that it is queued for
	Ticket  string            `json:"ticket,omitempty"` // that it is queued with
	Members []memberBody      `json:"members"`
	Invited []invitedBody     `json:"invited"`
}

type memberBody struct {
	playerBody
	Here bool `json:"here"`
}

type invitedBody struct {
	playerBody
	Expires time.Time `json:"expires"`
}

type invitationBody struct {
	Party   string     `json:"party"`
	By      playerBody `json:"by"`
	Members int        `json:"members"`
	Expires time.Time  `json:"expires"`
}

func (a *api) partyRoutes() {
	a.get("/v1/party", a.party, a.asks()...)
	a.serve("DELETE", "/v1/party", a.leaveParty, a.does()...)
	a.serve("PUT", "/v1/party/invited/:id", a.invite, a.does()...)
	a.serve("DELETE", "/v1/party/invited/:id", a.uninvite, a.does()...)
	a.serve("POST", "/v1/party/invitations/:id/accept", a.acceptInvite, a.does()...)
	a.serve("POST", "/v1/party/invitations/:id/decline", a.declineInvite, a.does()...)
	a.serve("DELETE", "/v1/party/members/:id", a.kickMember, a.does()...)
	a.serve("POST", "/v1/party/members/:id/promote", a.promote, a.does()...)
	a.serve("PUT", "/v1/party/pings", a.tellPings, a.does(takes(maxBody))...)
	a.serve("POST", "/v1/party/ticket", a.queueParty, a.does(takes(maxBody))...)
	a.serve("DELETE", "/v1/party/ticket", a.unqueueParty, a.does()...)
}

func (a *api) party(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, showParties(a.cfg.Social.Party(who(c))))
}

func showParties(p protocol.Party) partiesBody {
	body := partiesBody{Invitations: []invitationBody{}}
	if p.ID != "" {
		body.Party = showParty(&p)
	}
	for _, i := range p.Invitations {
		body.Invitations = append(body.Invitations, invitationBody{i.Party, playerBody{i.By, i.Name}, i.Members, unix(i.Expires)})
	}
	return body
}

func showParty(p *protocol.Party) *partyBody {
	body := &partyBody{ID: p.ID, Leader: p.Leader, Most: p.Most, Mode: p.Mode, Ticket: p.Ticket, Invited: []invitedBody{}}
	for _, m := range p.Members {
		body.Members = append(body.Members, memberBody{playerBody{m.Player, m.Name}, m.Here})
	}
	for _, i := range p.Invited {
		body.Invited = append(body.Invited, invitedBody{playerBody{i.Player, i.Name}, unix(i.Expires)})
	}
	return body
}

func unix(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

func (a *api) leaveParty(c *gin.Context) { conclude(c, a.cfg.Social.LeaveParty(who(c))) }

func (a *api) invite(c *gin.Context) { conclude(c, a.cfg.Social.Invite(c, who(c), target(c))) }

func (a *api) uninvite(c *gin.Context) { conclude(c, a.cfg.Social.Uninvite(who(c), target(c))) }

func (a *api) acceptInvite(c *gin.Context) {
	conclude(c, a.cfg.Social.AcceptInvite(who(c), store.PartyID(c.Param("id"))))
}

func (a *api) declineInvite(c *gin.Context) {
	conclude(c, a.cfg.Social.DeclineInvite(who(c), store.PartyID(c.Param("id"))))
}

func (a *api) kickMember(c *gin.Context) { conclude(c, a.cfg.Social.Kick(who(c), target(c))) }

func (a *api) promote(c *gin.Context) { conclude(c, a.cfg.Social.Promote(who(c), target(c))) }

// tellPings takes what a member has measured, which its leader cannot know.
func (a *api) tellPings(c *gin.Context) {
	var body struct {
		Pings pingsBody `json:"pings"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	pings, err := body.Pings.pings()
	if err == nil {
		err = a.lobby.CheckPings(who(c).Game, pings)
	}
	if err == nil {
		err = a.cfg.Social.TellPings(who(c), pings)
	}
	conclude(c, err)
}

func (a *api) queueParty(c *gin.Context) {
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
	ticket, err := a.cfg.Social.QueueParty(c, who(c), social.PartyWish{Mode: body.Mode, Pings: pings, Props: body.Props, Fresh: body.Fresh})
	if err != nil {
		refuse(c, err)
		return
	}
	c.JSON(http.StatusCreated, gin.H{"ticket": ticket})
}

func (a *api) unqueueParty(c *gin.Context) { conclude(c, a.cfg.Social.CancelQueue(who(c))) }

package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
)

// accountBody is an account as its player and moderators see it.
type accountBody struct {
	ID         protocol.PlayerID `json:"id"`
	Game       account.Game      `json:"game"`
	Name       string            `json:"name"`
	Username   string            `json:"username,omitempty"`
	Guest      bool              `json:"guest"`
	Role       account.Role      `json:"role"`
	Created    time.Time         `json:"created"`
	Seen       string            `json:"seen"` // the day
	Devices    []string          `json:"devices"`
	Identities []identityBody    `json:"identities"`
	Ban        *banBody          `json:"ban,omitempty"`
}

type identityBody struct {
	ID      string `json:"id"`
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
}

type banBody struct {
	Until  time.Time         `json:"until"`
	Reason string            `json:"reason"`
	By     protocol.PlayerID `json:"by"`
}

func showAccount(a account.Account) accountBody {
	body := accountBody{
		ID: a.Player, Game: a.Game, Name: a.Name, Username: a.Username, Guest: a.Guest(), Role: a.Role,
		Created: a.Created, Seen: a.Seen.Format(time.DateOnly), Devices: append([]string{}, a.Devices...), Identities: []identityBody{},
	}
	for _, i := range a.Identities {
		body.Identities = append(body.Identities, identityBody{identityID(i), i.Issuer, i.Subject})
	}
	if !a.Ban.Until.IsZero() {
		body.Ban = &banBody{a.Ban.Until, a.Ban.Reason, a.Ban.By}
	}
	return body
}

// answerAccount answers with an account as it is now.
func (a *api) answerAccount(c *gin.Context, who account.Ref) {
	found, err := a.cfg.Accounts.Account(c, who)
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, showAccount(found))
}

func (a *api) getAccount(c *gin.Context) { a.answerAccount(c, caller(c).Ref) }

func (a *api) exportAccount(c *gin.Context) { a.answerExport(c, caller(c).Ref) }

func (a *api) renameAccount(c *gin.Context) {
	var body struct {
		Name string `json:"name"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	who := caller(c).Ref
	if err := a.cfg.Accounts.Rename(c, who, body.Name); err != nil {
		refuse(c, err)
		return
	}
	a.answerAccount(c, who)
}

func (a *api) deleteAccount(c *gin.Context) { conclude(c, a.cfg.Accounts.Delete(c, caller(c).Ref)) }

func (a *api) logout(c *gin.Context) { conclude(c, a.cfg.Accounts.Logout(c, caller(c))) }

func (a *api) logoutEverywhere(c *gin.Context) {
	conclude(c, a.cfg.Accounts.LogoutEverywhere(c, caller(c).Ref))
}

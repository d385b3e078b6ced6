package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
)

// sessionBody is the answer to a login.
type sessionBody struct {
	Player    playerBody `json:"player"`
	Access    string     `json:"access"`
	Refresh   string     `json:"refresh"`
	ExpiresIn int        `json:"expires_in"` // seconds, of access
}

type playerBody struct {
	ID   protocol.PlayerID `json:"id"`
	Name string            `json:"name"`
}

func (a *api) loginGuest(c *gin.Context) {
	var body struct {
		Game account.Game `json:"game"`
		Name string       `json:"name"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	session, err := a.cfg.Accounts.Guest(c, a.gameOr(body.Game), body.Name)
	answerSession(c, session, err)
}

func (a *api) loginRefresh(c *gin.Context) {
	var body struct {
		Game    account.Game `json:"game"`
		Refresh string       `json:"refresh"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	session, err := a.cfg.Accounts.Refresh(c, a.gameOr(body.Game), body.Refresh)
	answerSession(c, session, err)
}

// gameOr is the game that a body names, or the server's first one.
func (a *api) gameOr(named account.Game) account.Game {
	if named == "" {
		return account.Game(a.lobby.Games()[0])
	}
	return named
}

func answerSession(c *gin.Context, s account.Session, err error) {
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, sessionBody{
		Player:    playerBody{s.Account.Player, s.Account.Name},
		Access:    s.Access,
		Refresh:   s.Refresh,
		ExpiresIn: int(s.Life / time.Second),
	})
}

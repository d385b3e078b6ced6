package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby"
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
		Name string `json:"name"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	session, err := a.lobby.Guest(body.Name)
	answerSession(c, session, err)
}

func (a *api) loginRefresh(c *gin.Context) {
	var body struct {
		Refresh string `json:"refresh"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	session, err := a.lobby.Refresh(body.Refresh)
	if err == nil {
		err = a.mayAccount(bucketPlayerLogin, session.Player.ID) // the token is still good afterwards
	}
	answerSession(c, session, err)
}

func answerSession(c *gin.Context, s lobby.Session, err error) {
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, sessionBody{
		Player:    playerBody(s.Player),
		Access:    s.Access,
		Refresh:   s.Refresh,
		ExpiresIn: int(s.Life / time.Second),
	})
}

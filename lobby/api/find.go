package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/social"
)

func (a *api) findRoutes() {
	a.get("/v1/players", a.findPlayer, a.perAddress(bucketFind), a.known(), a.perPlayer(bucketPlayerFind))
}

// findPlayer finds a player of the caller's game by its username. That there is
// one can be learned here, which is why it is asked for slowly.
func (a *api) findPlayer(c *gin.Context) {
	name := c.Query("name")
	if name == "" {
		refuse(c, missing("name"))
		return
	}
	found, err := a.cfg.Accounts.Find(c, caller(c).Game, name)
	if errors.Is(err, account.ErrNotFound) {
		err = social.ErrPlayerUnknown
	}
	if err != nil {
		refuse(c, err)
		return
	}
	c.JSON(http.StatusOK, playerBody{found.Player, found.Name})
}

package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/protocol"
)

// socialRoutes are what players are to each other.
func (a *api) socialRoutes() {
	a.friendRoutes()
	a.blockRoutes()
	a.partyRoutes()
	a.reportRoutes()
	a.silenceRoutes()
	a.mailRoutes()
	a.findRoutes()
}

// asks are the steps before a player looks at something.
func (a *api) asks() []step {
	return []step{a.perAddress(bucketRead), a.players(), a.perPlayer(bucketPlayerRead)}
}

// looks are the steps before somebody looks at what everybody of the game may
// see: a player, or a back end.
func (a *api) looks() []step {
	return []step{a.perAddress(bucketService), a.known(), a.perPlayer(bucketPlayerRead)}
}

// does are the steps before a player does something to another.
func (a *api) does(more ...step) []step {
	return append([]step{a.perAddress(bucketRead), a.players(), a.perPlayer(bucketPlayerSocial)}, more...)
}

// who is the caller as package social knows players.
func who(c *gin.Context) social.Who { return whoIs(player(c)) }

func whoIs(p protocol.Player) social.Who { return social.Who{Game: p.Game, Player: p} }

// target is the player whom the path names.
func target(c *gin.Context) protocol.PlayerID { return protocol.PlayerID(c.Param("id")) }

// conclude ends a request of which nothing is to be told but that it is done,
// or why not.
func conclude(c *gin.Context, err error) {
	if err != nil {
		refuse(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

// targeted is the account that the path names, of the caller's game.
func (a *api) targeted(c *gin.Context) (account.Account, error) {
	found, err := a.cfg.Accounts.Account(c, account.Ref{Game: caller(c).Game, Player: target(c)})
	if errors.Is(err, account.ErrNotFound) {
		err = social.ErrPlayerUnknown
	}
	return found, err
}

// below is [api.targeted] for what is done against somebody: moderators do
// nothing against each other.
func (a *api) below(c *gin.Context) (account.Account, error) {
	found, err := a.targeted(c)
	if err == nil && !account.Above(caller(c).Role, found.Role) {
		err = errRank
	}
	return found, err
}

package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
)

// inPath is the account in the path, which is one of the caller's game or none.
func inPath(c *gin.Context) account.Ref {
	return account.Ref{Game: caller(c).Game, Player: protocol.PlayerID(c.Param("id"))}
}

// lesser returns the account in the path if the caller may do something to it:
// nobody acts against those who are no less than themselves.
func (a *api) lesser(c *gin.Context) (account.Ref, error) {
	found, err := a.cfg.Accounts.Account(c, inPath(c))
	if err == nil && !account.Above(caller(c).Role, found.Role) {
		err = errRank
	}
	return found.Ref, err
}

// getPlayer tells what everybody may know of a player.
func (a *api) getPlayer(c *gin.Context) {
	found, err := a.cfg.Accounts.Account(c, inPath(c))
	if err != nil {
		refuse(c, err)
		return
	}
	c.JSON(http.StatusOK, playerBody{found.Player, found.Name})
}

func (a *api) getPlayerAccount(c *gin.Context) { a.answerAccount(c, inPath(c)) }

func (a *api) exportPlayer(c *gin.Context) { a.answerExport(c, inPath(c)) }

// against is a handler that does something to a lesser account.
func (a *api) against(do func(*gin.Context, account.Ref) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		who, err := a.lesser(c)
		if err == nil {
			err = do(c, who)
		}
		done(c, err)
	}
}

func (a *api) deletePlayer(c *gin.Context, who account.Ref) error {
	return a.cfg.Accounts.Delete(c, who)
}

func (a *api) logoutPlayer(c *gin.Context, who account.Ref) error {
	return a.cfg.Accounts.LogoutEverywhere(c, who)
}

func (a *api) unban(c *gin.Context, who account.Ref) error { return a.cfg.Accounts.Unban(c, who) }

func (a *api) ban(c *gin.Context) {
	var body struct {
		Until  time.Time `json:"until"`
		Reason string    `json:"reason"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	a.against(func(c *gin.Context, who account.Ref) error {
		return a.cfg.Accounts.Ban(c, who, account.Ban{Until: body.Until, Reason: body.Reason, By: caller(c).Player})
	})(c)
}

func (a *api) setRole(c *gin.Context) {
	var body struct {
		Role account.Role `json:"role"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	a.against(func(c *gin.Context, who account.Ref) error { return a.cfg.Accounts.SetRole(c, who, body.Role) })(c)
}

package api

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
)

// getPlayer tells what everybody may know of a player.
func (a *api) getPlayer(c *gin.Context) {
	found, err := a.targeted(c)
	if err != nil {
		refuse(c, err)
		return
	}
	c.JSON(http.StatusOK, playerBody{found.Player, found.Name})
}

func (a *api) getPlayerAccount(c *gin.Context) { a.answerAccount(c, refOf(c)) }

func (a *api) exportPlayer(c *gin.Context) { a.answerExport(c, refOf(c)) }

// refOf names the account in the path, which is one of the caller's game or none.
func refOf(c *gin.Context) account.Ref {
	return account.Ref{Game: caller(c).Game, Player: target(c)}
}

// against is a handler that does something to a lesser account.
func (a *api) against(do func(*gin.Context, account.Ref) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		to, err := a.below(c)
		if err == nil {
			err = do(c, to.Ref)
		}
		conclude(c, err)
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
	how(c, until(body.Until, body.Reason)...)
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
	how(c, slog.String("role", string(body.Role)))
	set := func(c *gin.Context, who account.Ref) error { return a.cfg.Accounts.SetRole(c, who, body.Role) }
	if by := caller(c); target(c) == by.Player { // one may give one's own role away
		conclude(c, set(c, by.Ref))
		return
	}
	a.against(set)(c)
}

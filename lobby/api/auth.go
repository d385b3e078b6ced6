package api

import (
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
)

// Keys of what middleware leaves for those behind it.
const (
	keyCaller  = "caller"
	keyRequest = "request"
	keyCode    = "code"
	keyBody    = "body"
	keyDeed    = "deed"
)

// players is a step that lets players pass, by the access token in the header.
func (a *api) players() step { return a.may(account.ActPlay) }

// known is a step that lets everybody pass who says who they are. What of it
// they may see is the handler's to decide.
func (a *api) known() step {
	s := a.may()
	s.refuses = identityErrors
	return s
}

// may is a step that lets those pass whose role allows all these actions, by
// the access token or the service key in the header.
func (a *api) may(acts ...account.Action) step {
	do := func(c *gin.Context) {
		token, ok := headerToken(c)
		if !ok {
			refuse(c, errNoToken)
			return
		}
		a.login(c, token, acts...)
	}
	return step{do: do, token: true, refuses: tokenErrors}
}

var (
	identityErrors = []error{errNoToken, account.ErrTokenInvalid, account.ErrTokenExpired, account.ErrTokenRevoked}
	tokenErrors    = append(slices.Clip(identityErrors), errForbidden)
)

// login notes whose token it is, for the log also where it does not do, or
// refuses the request.
func (a *api) login(c *gin.Context, token string, acts ...account.Action) {
	who, err := a.cfg.Accounts.Identify(token)
	if err != nil {
		refuse(c, err)
		return
	}
	c.Set(keyCaller, who)
	if slices.ContainsFunc(acts, func(act account.Action) bool { return !account.Allow(who.Role, act) }) {
		refuse(c, errForbidden)
	}
}

// headerToken is the token of the one Authorization header.
func headerToken(c *gin.Context) (token string, ok bool) {
	all := c.Request.Header["Authorization"]
	if len(all) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(all[0], " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}

// caller is who sent a request that has passed may, with role and session; a
// service has no player.
func caller(c *gin.Context) account.Caller { return c.MustGet(keyCaller).(account.Caller) }

// player is the same as everybody else knows it.
func player(c *gin.Context) protocol.Player { return caller(c).Who() }

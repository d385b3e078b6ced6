package api

import (
	"log/slog"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
)

// A deed is what the audit log tells of an admin's request.
type deed struct{ action, target string }

// audit notes what the request is about to do to whom, such as "player.ban"
// and a player's id. When it is answered, [api.record] logs one line with the
// actor, the request's id and how it ended, refused and panicked ones too.
// Call it before anything is checked, or put [audited] first of the route's
// steps; the last call counts.
func audit(c *gin.Context, action, target string) { c.Set(keyDeed, deed{action, target}) }

// audited is a step for routes that name their target in the path.
func audited(action string) step {
	return step{do: func(c *gin.Context) { audit(c, action, c.Param("id")) }}
}

// actor names who did something: a player, a back end by its key, or nobody
// who is known.
func actor(by account.Caller) string {
	if by.Role == account.RoleService {
		return "service " + by.Name
	}
	return string(by.Player)
}

func (a *api) logDeed(c *gin.Context, actor string) {
	v, _ := c.Get(keyDeed)
	d, ok := v.(deed)
	if !ok {
		return
	}
	outcome := c.GetString(keyCode)
	if outcome == "" {
		outcome = "ok"
	}
	a.cfg.Log.LogAttrs(c.Request.Context(), slog.LevelInfo, "audit",
		slog.String("action", d.action),
		slog.String("target", d.target[:min(len(d.target), 128)]),
		slog.String("actor", actor),
		slog.String("request", c.GetString(keyRequest)),
		slog.String("outcome", outcome),
		slog.Int("status", c.Writer.Status()),
		slog.String("from", c.ClientIP()))
}

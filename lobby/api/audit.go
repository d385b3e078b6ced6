package api

import (
	"log/slog"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
)

// A deed is what the audit log tells of an admin's request.
type deed struct {
	action string      // such as "player.ban"
	target string      // the id of whom or what it is done to
	how    []slog.Attr // what else the path and the body ask for
}

// audited is a step that has the request's end noted as a deed, to what the
// path names. It is the first of a route's steps: [api.record] logs one line
// with the actor, the request's id and how it ended, refused and panicked ones
// too. Who was refused for their role is known, and what they had in the body
// was never read.
func audited(action string) step {
	return step{do: func(c *gin.Context) {
		d := &deed{action: action, target: c.Param("id")}
		for _, p := range c.Params {
			if p.Key != "id" {
				d.how = append(d.how, slog.String(p.Key, clip(p.Value, 128)))
			}
		}
		c.Set(keyDeed, d)
	}}
}

// aim tells the audit log of a target that the path does not name.
func aim(c *gin.Context, target string) {
	if d, ok := c.Get(keyDeed); ok {
		d.(*deed).target = target
	}
}

// how tells the audit log what is asked for, before it is looked at. A request
// that is no deed, such as a player's for their own, is noted nowhere.
func how(c *gin.Context, what ...slog.Attr) {
	d, ok := c.Get(keyDeed)
	if !ok {
		return
	}
	for _, a := range what {
		if a.Value.Kind() == slog.KindString {
			a.Value = slog.StringValue(clip(a.Value.String(), 512))
		}
		d.(*deed).how = append(d.(*deed).how, a)
	}
}

// until is how something is done for a while.
func until(t time.Time, reason string) []slog.Attr {
	return []slog.Attr{slog.Time("until", t), slog.String("reason", reason)}
}

func clip(s string, most int) string { return s[:min(len(s), most)] }

// actor names who did something, and by which login or key: a player, a back
// end, or nobody who is known.
func actor(by account.Caller) []slog.Attr {
	name := string(by.Player)
	if by.Role == account.RoleService {
		name = "service " + by.Name
	}
	all := []slog.Attr{slog.String("actor", name)}
	if by.Role != "" {
		all = append(all, slog.String("role", string(by.Role)), slog.String("game", string(by.Game)), slog.String("login", by.Session))
	}
	return all
}

func (a *api) logDeed(c *gin.Context, by account.Caller) {
	v, _ := c.Get(keyDeed)
	d, ok := v.(*deed)
	if !ok {
		return
	}
	outcome := c.GetString(keyCode)
	if outcome == "" {
		outcome = "ok"
	}
	line := []slog.Attr{slog.String("action", d.action), slog.String("target", clip(d.target, 128))}
	line = append(line, actor(by)...)
	line = append(line,
		slog.String("request", c.GetString(keyRequest)),
		slog.String("outcome", outcome),
		slog.Int("status", c.Writer.Status()),
		slog.String("from", c.ClientIP()),
		slog.GroupAttrs("how", d.how...))
	a.cfg.Log.LogAttrs(c.Request.Context(), slog.LevelInfo, "audit", line...)
}

package api

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/hooks"
)

// hookBody is an endpoint of webhooks.
type hookBody struct {
	ID       string     `json:"id"`
	URL      string     `json:"url"`
	Types    []string   `json:"types"`
	Made     time.Time  `json:"made"`
	Position uint64     `json:"position"`
	Disabled string     `json:"disabled,omitempty"`
	Failing  *time.Time `json:"failing,omitempty"`
	Next     *time.Time `json:"next,omitempty"`
	Error    string     `json:"error,omitempty"`
	Secret   string     `json:"secret,omitempty"` // when it is made, and never again
}

func showHook(e hooks.Endpoint) hookBody {
	body := hookBody{ID: e.ID, URL: e.URL, Types: e.Types, Made: e.Made, Position: e.Position, Disabled: e.Disabled, Error: e.Error}
	if !e.Failing.IsZero() {
		body.Failing, body.Next = &e.Failing, &e.Next
	}
	return body
}

// hookTarget is where events shall go, and which.
type hookTarget struct {
	URL   string   `json:"url"`
	Types []string `json:"types"`
}

// shown is the target for the log, without what of a URL may be secret.
func (t hookTarget) shown() []slog.Attr {
	all := []slog.Attr{slog.Any("types", t.Types)}
	if u, err := url.Parse(t.URL); err == nil {
		all = append(all, slog.String("url", (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()))
	}
	return all
}

// hookRoutes are for back ends and admins, and about their own game.
func (a *api) hookRoutes() {
	const all, one = "/v1/webhooks", "/v1/webhooks/:id"
	steps := func(deed string, more ...step) []step {
		return append([]step{audited(deed), a.perAddress(bucketService), a.may(account.ActWebhooks)}, more...)
	}
	a.get(all, a.listHooks, steps("")[1:]...)
	a.serve("POST", all, a.addHook, steps("webhook.add", takes(maxBody))...)
	a.get(one, a.getHook, steps("")[1:]...)
	a.serve("PUT", one, a.setHook, steps("webhook.set", takes(maxBody))...)
	a.serve("DELETE", one, a.removeHook, steps("webhook.remove")...)
	a.serve("POST", one+"/enable", a.enableHook, steps("webhook.enable")...)
	a.serve("POST", one+"/disable", a.disableHook, steps("webhook.disable")...)
	a.serve("POST", one+"/secret", a.rotateHook, steps("webhook.secret")...)
}

// hook names the endpoint in the path, which is of the caller's game or none.
func hook(c *gin.Context) (game, id string) { return string(caller(c).Game), c.Param("id") }

func (a *api) listHooks(c *gin.Context) {
	list, err := a.cfg.Hooks.List(c, string(caller(c).Game))
	if err != nil {
		refuse(c, err)
		return
	}
	all := []hookBody{}
	for _, e := range list {
		all = append(all, showHook(e))
	}
	c.JSON(http.StatusOK, gin.H{"webhooks": all})
}

func (a *api) getHook(c *gin.Context) { a.answerHook(c, nil) }

// answerHook answers with the endpoint in the path as it is now, or why what
// was to be done to it was not.
func (a *api) answerHook(c *gin.Context, err error) {
	game, id := hook(c)
	var e hooks.Endpoint
	if err == nil {
		e, err = a.cfg.Hooks.Get(c, game, id)
	}
	if err != nil {
		refuse(c, err)
		return
	}
	c.JSON(http.StatusOK, showHook(e))
}

func (a *api) addHook(c *gin.Context) {
	var body hookTarget
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	how(c, body.shown()...)
	e, secret, err := a.cfg.Hooks.Add(c, string(caller(c).Game), body.URL, body.Types)
	if err != nil {
		refuse(c, err)
		return
	}
	aim(c, e.ID)
	made := showHook(e)
	made.Secret = secret
	c.Header("Cache-Control", "no-store")
	c.Header("Location", "/v1/webhooks/"+e.ID)
	c.JSON(http.StatusCreated, made)
}

func (a *api) setHook(c *gin.Context) {
	var body hookTarget
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	how(c, body.shown()...)
	game, id := hook(c)
	a.answerHook(c, a.cfg.Hooks.Set(c, game, id, body.URL, body.Types))
}

func (a *api) enableHook(c *gin.Context) {
	game, id := hook(c)
	a.answerHook(c, a.cfg.Hooks.Enable(c, game, id))
}

func (a *api) disableHook(c *gin.Context) {
	game, id := hook(c)
	a.answerHook(c, a.cfg.Hooks.Disable(c, game, id))
}

func (a *api) rotateHook(c *gin.Context) {
	game, id := hook(c)
	secret, err := a.cfg.Hooks.Rotate(c, game, id)
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"secret": secret})
}

func (a *api) removeHook(c *gin.Context) {
	game, id := hook(c)
	_, err := a.cfg.Hooks.Get(c, game, id)
	if err == nil {
		err = a.cfg.Hooks.Remove(c, game, id)
	}
	conclude(c, err)
}

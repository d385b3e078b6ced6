package api

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby"
)

// An api answers requests. Its fields are set by New and never changed; what
// they point to may be used by many goroutines.
type api struct {
	cfg     Config
	lobby   *lobby.Lobby
	proxies proxies
	origins map[string]bool
	byName  map[bucket]*limiter
	opening chan struct{} // one for each socket being opened
}

// New returns the handler of the public port. The http.Server round it is the
// caller's, with a WriteTimeout above the long poll's [MaxWait].
func New(cfg Config) (http.Handler, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	trusted, err := parseProxies(cfg.TrustedProxies)
	if err != nil {
		return nil, err
	}
	a := &api{
		cfg: cfg, lobby: cfg.Lobby, proxies: trusted,
		origins: make(map[string]bool),
		byName:  newLimiters(cfg.Limits),
		opening: make(chan struct{}, cfg.MaxUpgrades),
	}
	for _, o := range cfg.Origins {
		a.origins[o] = true
	}
	return a.routes()
}

func (a *api) routes() (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	if err := e.SetTrustedProxies(a.cfg.TrustedProxies); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	e.Use(identify, a.record, a.recover, limitBody)
	e.NoRoute(a.static)
	e.NoMethod(func(c *gin.Context) { refuse(c, errMethod) })

	look := []string{http.MethodGet, http.MethodHead} // balancers use either
	e.Match(look, "/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	e.Match(look, "/readyz", a.ready)

	v1 := e.Group("/v1")
	v1.POST("/login/guest", a.limit(bucketLogin), a.loginGuest)
	v1.POST("/login/refresh", a.limit(bucketLogin), a.loginRefresh)
	v1.GET("/modes", a.modes)
	v1.POST("/tickets", a.limit(bucketTicket), a.auth, a.limitPlayer, a.createTicket)
	v1.GET("/tickets/:id", a.limit(bucketRead), a.auth, a.getTicket)
	v1.DELETE("/tickets/:id", a.limit(bucketRead), a.auth, a.cancelTicket)
	v1.GET("/socket", a.limit(bucketSocket), a.admit, a.checkHandshake, a.socket)
	return e, nil
}

// ready says whether a load balancer should send players here.
func (a *api) ready(c *gin.Context) {
	if a.lobby.Draining() {
		refuse(c, lobby.ErrDraining)
		return
	}
	c.String(http.StatusOK, "ready\n")
}

// static serves what is no route of ours.
func (a *api) static(c *gin.Context) {
	get := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	if a.cfg.Static == nil || !get || c.Request.URL.Path == "/v1" || strings.HasPrefix(c.Request.URL.Path, "/v1/") {
		refuse(c, errRoute)
		return
	}
	c.Status(http.StatusOK) // gin has put 404 there
	a.cfg.Static.ServeHTTP(c.Writer, c.Request)
}

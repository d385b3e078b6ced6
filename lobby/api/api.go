package api

import (
	"net/http"

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
	gate    *gate // of sockets being opened
	engine  *gin.Engine
	table   []route
}

// New returns the handler of the public port. The http.Server round it is the
// caller's, with a WriteTimeout above the long poll's [MaxWait].
func New(cfg Config) (http.Handler, error) {
	a, err := newAPI(cfg)
	if err != nil {
		return nil, err
	}
	return a.routes()
}

func newAPI(cfg Config) (*api, error) {
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
		gate:    newGate(cfg.Upgrades),
	}
	for _, o := range cfg.Origins {
		a.origins[o] = true
	}
	return a, nil
}

package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// A step is what a request passes on its way to a handler: a limit, a check
// of who asks, the reading of the body.
type step struct {
	do      gin.HandlerFunc
	refuses []error // what it may answer with instead; openapi.yaml lists them for each route
	token   bool    // it needs an access token
	body    bool    // it reads the body
}

// A route is one line of routes, kept to be compared with openapi.yaml.
type route struct {
	method, path string
	steps        []step
}

// routes are all there are. A new one is a line here, a path in openapi.yaml,
// for new codes a line in problem.go, and a test that gets each of its
// answers; tests tell what of it is missing.
func (a *api) routes() (http.Handler, error) {
	if err := a.newEngine(); err != nil {
		return nil, err
	}
	a.get("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	a.get("/readyz", a.ready)
	a.get("/v1/openapi.json", a.openapi)
	a.get("/v1/docs", a.docs)

	a.serve("POST", "/v1/login/guest", a.loginGuest, a.perAddress(bucketLogin), takes(maxBody), a.current())
	a.serve("POST", "/v1/login/refresh", a.loginRefresh, a.perAddress(bucketLogin), takes(maxBody), a.current())
	a.accountRoutes()
	a.get("/v1/modes", a.modes)

	a.serve("POST", "/v1/tickets", a.createTicket, a.perAddress(bucketTicket), a.players(), a.perPlayer(bucketPlayer), takes(maxBody), a.current())
	a.get("/v1/tickets/:id", a.getTicket, a.perAddress(bucketRead), a.players(), a.perPlayer(bucketPlayerRead))
	a.serve("POST", "/v1/tickets/:id/accept", a.acceptMatch, a.perAddress(bucketRead), a.players(), a.perPlayer(bucketPlayerRead))
	a.serve("POST", "/v1/tickets/:id/decline", a.declineMatch, a.perAddress(bucketRead), a.players(), a.perPlayer(bucketPlayerRead))
	a.serve("DELETE", "/v1/tickets/:id", a.cancelTicket, a.perAddress(bucketRead), a.players(), a.perPlayer(bucketPlayerRead))

	a.socialRoutes()
	a.saveRoutes()
	a.hookRoutes()
	a.versionRoutes()
	a.matchRoutes()
	a.careerRoutes()
	a.roomRoutes()

	a.serve("GET", "/v1/socket", a.socket, a.perAddress(bucketSocket), a.admitted(), a.handshaken())
	return a.engine, nil
}

func (a *api) newEngine() error {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	if err := e.SetTrustedProxies(a.cfg.TrustedProxies); err != nil {
		return fmt.Errorf("api: %w", err)
	}
	e.Use(a.identify, a.record, a.recover, a.share, complete, limitBody)
	e.NoRoute(a.static)
	e.NoMethod(a.otherMethod)
	a.engine = e
	return nil
}

// complete refuses a path with nothing where a parameter is, which gin lets
// pass, for a route and for its other methods alike.
func complete(c *gin.Context) {
	if ours(c.Request) && slices.Contains(strings.Split(c.Request.URL.Path[1:], "/"), "") {
		refuse(c, errRoute)
	}
}

// serve puts a handler at a path, behind its steps in their order. Those of the
// API take no query but that of the document.
func (a *api) serve(method, path string, handle gin.HandlerFunc, steps ...step) {
	if strings.HasPrefix(path, "/v1/") {
		steps = append([]step{a.queries(method, path)}, steps...)
	}
	a.table = append(a.table, route{method, path, steps})
	var chain []gin.HandlerFunc
	for _, s := range steps {
		chain = append(chain, s.do)
	}
	a.engine.Handle(method, path, append(chain, handle)...)
}

// get serves GET, and HEAD as the same without the body, which net/http leaves
// out.
func (a *api) get(path string, handle gin.HandlerFunc, steps ...step) {
	a.serve(http.MethodGet, path, handle, steps...)
	a.serve(http.MethodHead, path, handle, steps...)
}

// ready says whether a load balancer should send players here.
func (a *api) ready(c *gin.Context) {
	if err := a.lobby.Ready(); err != nil {
		refuse(c, err)
		return
	}
	c.String(http.StatusOK, "ready\n")
}

// static serves what is no route of ours.
func (a *api) static(c *gin.Context) {
	get := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	if a.cfg.Static == nil || !get || ours(c.Request) {
		refuse(c, errRoute)
		return
	}
	c.Status(http.StatusOK) // gin has put 404 there
	a.cfg.Static.ServeHTTP(c.Writer, c.Request)
}

// ours says whether a path is the API's, be there a route or not.
func ours(r *http.Request) bool {
	return r.URL.Path == "/v1" || strings.HasPrefix(r.URL.Path, "/v1/")
}

// otherMethod answers for paths that have routes, but none with this method;
// gin has put those there are into Allow. OPTIONS is answered everywhere.
func (a *api) otherMethod(c *gin.Context) {
	methods := append(strings.Split(c.Writer.Header().Get("Allow"), ", "), http.MethodOptions)
	slices.Sort(methods)
	allow := strings.Join(methods, ", ")
	c.Header("Allow", allow)
	if c.Request.Method != http.MethodOptions {
		refuse(c, errMethod)
		return
	}
	a.preflight(c, allow)
	c.Status(http.StatusNoContent)
}

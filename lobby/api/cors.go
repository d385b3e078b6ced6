package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// What pages of other origins may send and see beside what the standard lets
// any page, and how many seconds browsers may keep that in mind.
const (
	sharedRequest  = "Authorization, Content-Type, If-Match, If-None-Match, Muster-Client, X-Request-Id"
	sharedResponse = "Allow, ETag, Location, Retry-After, WWW-Authenticate, X-Request-Id"
	sharedFor      = "600"
)

// share lets pages of the origins in the config read answers, errors too. A
// page of another origin gets the same answer, which its browser keeps from
// it. Nothing is ever shared with *.
func (a *api) share(c *gin.Context) {
	if !ours(c.Request) {
		return
	}
	h := c.Writer.Header()
	h.Add("Vary", "Origin")
	if origin, ok := a.friend(c.Request); ok {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Expose-Headers", sharedResponse)
	}
}

// preflight tells a browser which requests a page of another origin may send.
func (a *api) preflight(c *gin.Context, methods string) {
	h := c.Writer.Header()
	h.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
	if _, ok := a.friend(c.Request); !ok || c.GetHeader("Access-Control-Request-Method") == "" {
		return
	}
	h.Set("Access-Control-Allow-Methods", methods)
	h.Set("Access-Control-Allow-Headers", sharedRequest)
	h.Set("Access-Control-Max-Age", sharedFor)
}

// friend is the one origin of a request, if it is in the config's list. They
// are compared byte by byte: browsers spell an origin in one way only.
func (a *api) friend(r *http.Request) (origin string, ok bool) {
	all := r.Header["Origin"]
	if len(all) != 1 {
		return "", false
	}
	return all[0], a.origins[all[0]]
}

// browserSpelling says whether an origin is as browsers write it: in lower
// case and without the port that goes without saying.
func browserSpelling(origin string) bool {
	return origin == strings.ToLower(origin) &&
		!(strings.HasPrefix(origin, "https://") && strings.HasSuffix(origin, ":443")) &&
		!(strings.HasPrefix(origin, "http://") && strings.HasSuffix(origin, ":80"))
}

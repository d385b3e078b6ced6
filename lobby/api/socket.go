package api

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol/socket"
)

// bearerPrefix marks the subprotocol in which browsers, which cannot set
// headers, send their token. It is never chosen.
const bearerPrefix = "bearer."

// handshaken is a step that only good handshakes pass.
func (a *api) handshaken() step {
	return step{do: a.checkHandshake, token: true, refuses: append([]error{errOrigin, errUpgrade, errSubprotocol}, tokenErrors...)}
}

// checkHandshake refuses what must not be upgraded: without a good token
// (401), from a page of another origin (403), or no handshake of ours (400).
func (a *api) checkHandshake(c *gin.Context) {
	offered := subprotocols(c.Request)
	token, inHeader := headerToken(c)
	if !inHeader {
		token = bearerOf(offered)
	}
	if token == "" {
		refuse(c, errNoToken)
		return
	}
	if a.login(c, token, account.ActPlay); c.IsAborted() {
		return
	}
	if !a.originAllowed(c.Request, inHeader) {
		refuse(c, errOrigin)
		return
	}
	if err := checkUpgrade(c.Request, offered); err != nil {
		refuse(c, err)
	}
}

// subprotocols are those the client offers.
func subprotocols(r *http.Request) (all []string) {
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for p := range strings.SplitSeq(line, ",") {
			all = append(all, strings.TrimSpace(p))
		}
	}
	return all
}

func bearerOf(offered []string) string {
	for _, p := range offered {
		if token, ok := strings.CutPrefix(p, bearerPrefix); ok {
			return token
		}
	}
	return ""
}

// originAllowed says whether the page that asks may. A request without Origin
// is no browser's if it has an Authorization header, which scripts cannot set
// on a socket; with the token in a subprotocol it could be anybody's.
func (a *api) originAllowed(r *http.Request, inHeader bool) bool {
	origins := r.Header["Origin"]
	if len(origins) == 0 {
		return inHeader
	}
	_, friend := a.friend(r)
	return friend || len(origins) == 1 && sameHost(origins[0], r.Host)
}

// sameHost says whether a page of that origin was served by this host and port.
func sameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	return strings.EqualFold(origin, u.Scheme+"://"+host)
}

// checkUpgrade looks for all that the socket would refuse in its own words.
func checkUpgrade(r *http.Request, offered []string) error {
	h := r.Header
	upgrade := slices.ContainsFunc(strings.Split(h.Get("Connection"), ","), func(s string) bool {
		return strings.EqualFold(strings.TrimSpace(s), "upgrade")
	})
	if !upgrade || !strings.EqualFold(h.Get("Upgrade"), "websocket") || h.Get("Sec-WebSocket-Version") != "13" || !isKey(h.Get("Sec-WebSocket-Key")) {
		return errUpgrade
	}
	for _, p := range offered {
		if p == socket.Subprotocol {
			return nil
		}
	}
	return errSubprotocol
}

// isKey says whether s is 16 bytes in base64, as RFC 6455 asks.
func isKey(s string) bool {
	key, err := base64.StdEncoding.DecodeString(s)
	return err == nil && len(key) == 16
}

// socket hands the request over. After the hijack nothing may touch it.
func (a *api) socket(c *gin.Context) {
	if a.cfg.Socket == nil {
		refuse(c, errRoute)
		return
	}
	a.cfg.Socket(c.Writer, c.Request, caller(c))
}

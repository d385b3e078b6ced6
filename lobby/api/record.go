package api

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
)

// identify gives the request an id, which the answer and the log carry: that
// of a proxy that is trusted, or a new one.
func (a *api) identify(c *gin.Context) {
	id := rand.Text()[:16]
	if given := c.Request.Header["X-Request-Id"]; len(given) == 1 && requestID(given[0]) && a.proxies.trust(c.Request) {
		id = given[0]
	}
	c.Set(keyRequest, id)
	c.Header("X-Request-Id", id)
}

// requestID says whether an id may go into answers and logs.
func requestID(id string) bool {
	for _, b := range []byte(id) {
		if (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') && (b < '0' || b > '9') && b != '-' && b != '_' && b != '.' {
			return false
		}
	}
	return len(id) >= 1 && len(id) <= 64
}

// record logs one line a request, at level debug unless we have failed: no
// query, no header, no body, so no token. Deeds get a line at level info.
func (a *api) record(c *gin.Context) {
	began := time.Now()
	path := c.Request.URL.Path
	c.Next()
	who, _ := c.Get(keyCaller)
	by, _ := who.(account.Caller)
	p := by.Who()
	a.logDeed(c, by)
	level := slog.LevelDebug
	if c.Writer.Status() == http.StatusInternalServerError {
		level = slog.LevelError
	}
	if !a.cfg.Log.Enabled(c.Request.Context(), level) {
		return
	}
	line := []slog.Attr{
		slog.String("request", c.GetString(keyRequest)),
		slog.String("method", c.Request.Method),
		slog.String("path", path[:min(len(path), 128)]),
		slog.Int("status", c.Writer.Status()),
		slog.String("code", c.GetString(keyCode)),
		slog.Duration("took", time.Since(began)),
		slog.String("from", c.ClientIP()),
		slog.String("player", string(p.ID)),
	}
	if why := c.Errors.Last(); why != nil { // what the answer does not say
		line = append(line, slog.String("err", why.Error()))
	}
	a.cfg.Log.LogAttrs(c.Request.Context(), level, "request", line...)
}

// recover turns a panic into an answer and a log line with the stack. What is
// hijacked is past answering.
func (a *api) recover(c *gin.Context) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(p)
		}
		a.cfg.Log.Error("request panicked", "request", c.GetString(keyRequest),
			"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		if c.Writer.Written() {
			c.Abort()
			return
		}
		refuse(c, errInternal)
	}()
	c.Next()
}

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

	"github.com/musterhq/muster/protocol"
)

// identify gives the request an id, which the answer and the log carry.
func identify(c *gin.Context) {
	id := rand.Text()[:16]
	c.Set(keyRequest, id)
	c.Header("X-Request-Id", id)
}

// record logs one line a request, at level debug unless we have failed: no
// query, no header, no body, so no token.
func (a *api) record(c *gin.Context) {
	began := time.Now()
	path := c.Request.URL.Path
	c.Next()
	level := slog.LevelDebug
	if c.Writer.Status() == http.StatusInternalServerError {
		level = slog.LevelError
	}
	if !a.cfg.Log.Enabled(c.Request.Context(), level) {
		return
	}
	who, _ := c.Get(keyPlayer)
	p, _ := who.(protocol.Player)
	a.cfg.Log.LogAttrs(c.Request.Context(), level, "request",
		slog.String("request", c.GetString(keyRequest)),
		slog.String("method", c.Request.Method),
		slog.String("path", path[:min(len(path), 128)]),
		slog.Int("status", c.Writer.Status()),
		slog.String("code", c.GetString(keyCode)),
		slog.Duration("took", time.Since(began)),
		slog.String("from", c.ClientIP()),
		slog.String("player", string(p.ID)))
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

package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// watchBody is how a match may be watched.
type watchBody struct {
	Delay float64 `json:"delay_seconds"` // after the players
}

// seatlessBody is where to watch a match.
type seatlessBody struct {
	assignmentBody
	watchBody
}

// watchMatch answers with a pass that names no seat.
func (a *api) watchMatch(c *gin.Context) {
	by, id := player(c), protocol.MatchID(c.Param("id"))
	m, err := a.lobby.Match(by.Game, id)
	if err == nil {
		err = a.mayWatch(c, by, &m)
	}
	var to protocol.Assignment
	if err == nil {
		to, err = a.lobby.Watch(c, by, id)
	}
	if err != nil {
		refuse(c, err)
		return
	}
	if to.URL == "" {
		to.URL = a.socketURL(c.Request)
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, seatlessBody{assignmentBody{to.URL, to.Match, to.Pass}, a.watchedIn(m.Mode)})
}

func (a *api) watchedIn(mode string) watchBody {
	return watchBody{a.lobby.Mode(mode).Spectators.Delay.Seconds()}
}

// mayWatch says whether a match's door is open to a player: ErrWatch, if not.
func (a *api) mayWatch(ctx context.Context, who protocol.Player, m *store.Match) error {
	d := &m.Door
	switch {
	case slices.Contains(d.Banned, who.ID):
		return lobby.ErrWatch
	case !d.Closed || a.cfg.Rooms.Member(who.ID, d.Room):
		return nil
	case d.Friends == "":
		return lobby.ErrWatch
	}
	host := protocol.Player{ID: d.Friends, Game: who.Game}
	if friends, err := a.cfg.Social.AreFriends(ctx, whoIs(host), who.ID); err != nil || friends {
		return err
	}
	return lobby.ErrWatch
}

// watchOf is how the caller may watch a match, nil if not.
func (a *api) watchOf(c *gin.Context, m *store.Match) *watchBody {
	mode := a.lobby.Mode(m.Mode)
	if mode == nil || mode.Spectators.Most < 0 || caller(c).Role == account.RoleService {
		return nil
	}
	if m.Has(player(c).ID) || a.mayWatch(c, player(c), m) != nil {
		return nil
	}
	w := a.watchedIn(m.Mode)
	return &w
}

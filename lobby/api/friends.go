package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/protocol"
)

// friendBody is somebody a player has a tie to.
type friendBody struct {
	playerBody
	Tie      string        `json:"tie"`
	Since    time.Time     `json:"since"`
	Presence *presenceBody `json:"presence,omitempty"` // of friends
}

type presenceBody struct {
	State    string `json:"state"`
	Joinable bool   `json:"joinable"`
	Where    string `json:"where,omitempty"` // with joinable
}

var (
	ties     = [...]string{protocol.TieFriend: "friend", protocol.TieAsked: "asked", protocol.TieAsks: "asks"}
	presence = [...]string{protocol.Offline: "offline", protocol.Online: "online", protocol.InLobby: "in_lobby", protocol.InMatch: "in_match"}
)

func (a *api) friendRoutes() {
	a.get("/v1/friends", a.friends, a.asks()...)
	a.serve("PUT", "/v1/friends/:id", a.askFriend, a.does()...)
	a.serve("DELETE", "/v1/friends/:id", a.removeFriend, a.does()...)
	a.serve("POST", "/v1/friends/:id/accept", a.acceptFriend, a.does()...)
	a.serve("POST", "/v1/friends/:id/decline", a.declineFriend, a.does()...)
}

func (a *api) friends(c *gin.Context) {
	all, err := a.cfg.Social.Friends(c, who(c))
	if err != nil {
		refuse(c, err)
		return
	}
	shown := make([]friendBody, len(all))
	for i, f := range all {
		shown[i] = showFriend(f)
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"friends": shown})
}

func showFriend(f social.Friend) friendBody {
	body := friendBody{playerBody: playerBody{f.ID, f.Name}, Tie: ties[f.Tie], Since: f.Since.UTC()}
	if f.Tie == protocol.TieFriend {
		body.Presence = &presenceBody{presence[f.Presence.State], f.Presence.Joinable, f.Presence.Where}
	}
	return body
}

func (a *api) askFriend(c *gin.Context) {
	conclude(c, a.cfg.Social.AskFriend(c, who(c), target(c)))
}

func (a *api) acceptFriend(c *gin.Context) {
	conclude(c, a.cfg.Social.AcceptFriend(c, who(c), target(c)))
}

func (a *api) declineFriend(c *gin.Context) {
	conclude(c, a.cfg.Social.DeclineFriend(c, who(c), target(c)))
}

func (a *api) removeFriend(c *gin.Context) {
	conclude(c, a.cfg.Social.RemoveFriend(c, who(c), target(c)))
}

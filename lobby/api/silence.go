package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/protocol"
)

// silenceBody is a moderator's mute.
type silenceBody struct {
	Until  time.Time         `json:"until"`
	By     protocol.PlayerID `json:"by"`
	Reason string            `json:"reason"`
}

func (a *api) silenceRoutes() {
	a.get("/v1/players/:id/silence", a.silenced, a.perAddress(bucketRead), a.may(account.ActMute))
	a.serve("PUT", "/v1/players/:id/silence", a.silence, audited("player.silence"), a.perAddress(bucketRead), a.may(account.ActMute), takes(maxBody))
	a.serve("DELETE", "/v1/players/:id/silence", a.unsilence, audited("player.unsilence"), a.perAddress(bucketRead), a.may(account.ActMute))
}

func (a *api) silenced(c *gin.Context) {
	s, err := a.cfg.Social.Silenced(c, who(c), target(c))
	if err != nil {
		refuse(c, err)
		return
	}
	c.JSON(http.StatusOK, showSilence(s))
}

func showSilence(s social.Silence) silenceBody { return silenceBody{s.Until.UTC(), s.By, s.Why} }

func (a *api) silence(c *gin.Context) {
	var body struct {
		Until  time.Time `json:"until"`
		Reason string    `json:"reason"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	how(c, until(body.Until, body.Reason)...)
	if body.Until.IsZero() {
		refuse(c, badBody("until is missing"))
		return
	}
	if _, err := a.below(c); err != nil {
		refuse(c, err)
		return
	}
	conclude(c, a.cfg.Social.Silence(c, who(c), target(c), body.Until, body.Reason))
}

func (a *api) unsilence(c *gin.Context) {
	if _, err := a.below(c); err != nil {
		refuse(c, err)
		return
	}
	conclude(c, a.cfg.Social.Silence(c, who(c), target(c), time.Time{}, ""))
}

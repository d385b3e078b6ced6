package api

import (
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/version"
)

// current is a step that only clients pass that are new enough for the game.
func (a *api) current() step {
	do := func(c *gin.Context) {
		if err := a.cfg.Versions.Check(string(a.gameOf(c)), c.Request.Header); err != nil {
			refuse(c, err)
		}
	}
	return step{do: do, refuses: []error{version.ErrUpdate}}
}

// gameOf is the game of the caller, or the one that the body names. Whether the
// rest of the body is as it should be is the handler's to say.
func (a *api) gameOf(c *gin.Context) account.Game {
	if by, known := c.Get(keyCaller); known {
		return by.(account.Caller).Game
	}
	var body struct{ Game account.Game }
	_ = json.Unmarshal(c.MustGet(keyBody).([]byte), &body)
	return a.gameOr(body.Game)
}

// versionBody is the least version of a game's clients; empty: any will do.
type versionBody struct {
	Least string `json:"least"`
}

func (a *api) versionRoutes() {
	may := []step{a.perAddress(bucketService), a.may(account.ActVersions)}
	a.get("/v1/client", a.getVersion, may...)
	a.serve("PUT", "/v1/client", a.setVersion, append(append([]step{audited("client.least")}, may...), takes(maxBody))...)
}

func (a *api) getVersion(c *gin.Context) {
	c.JSON(http.StatusOK, versionBody{a.cfg.Versions.Least(string(caller(c).Game))})
}

func (a *api) setVersion(c *gin.Context) {
	var body struct {
		Least *string `json:"least"`
	}
	err := parseBody(c, &body)
	if err == nil && body.Least == nil {
		err = badBody("least is missing")
	}
	if err != nil {
		refuse(c, err)
		return
	}
	how(c, slog.String("least", *body.Least))
	if err := a.cfg.Versions.SetLeast(c, string(caller(c).Game), *body.Least); err != nil {
		refuse(c, err)
		return
	}
	a.getVersion(c)
}

package api

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
)

// jwk is a public key as RFC 8037 has it.
type jwk struct {
	Kind      string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
}

// keys are those that check a game's access tokens. A new one is there a day
// before it signs, so an hour of caching loses nobody.
func (a *api) keys(c *gin.Context) {
	var set []jwk
	for _, k := range a.cfg.Accounts.Keys(a.gameOr(account.Game(c.Query("game")))) {
		set = append(set, jwk{"OKP", "Ed25519", bytesText.EncodeToString(k.Key), k.ID, "sig", "EdDSA"})
	}
	if set == nil { // a game that is hosted has one
		refuse(c, account.ErrGameUnknown)
		return
	}
	c.Header("Cache-Control", "public, max-age=3600")
	c.JSON(http.StatusOK, gin.H{"keys": set})
}

// serviceKeyBody is a key of a back end, without its text but when it is made.
type serviceKeyBody struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Key     string    `json:"key,omitempty"`
}

func (a *api) listServiceKeys(c *gin.Context) {
	list := []serviceKeyBody{}
	for _, k := range a.cfg.Accounts.ServiceKeys(caller(c).Game) {
		list = append(list, serviceKeyBody{k.ID, k.Name, k.Created, ""})
	}
	c.JSON(http.StatusOK, gin.H{"keys": list})
}

func (a *api) newServiceKey(c *gin.Context) {
	var body struct {
		Name string `json:"name"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	how(c, slog.String("name", body.Name))
	text, k, err := a.cfg.Accounts.NewServiceKey(c, caller(c).Game, body.Name)
	if err != nil {
		refuse(c, err)
		return
	}
	aim(c, k.ID)
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusCreated, serviceKeyBody{k.ID, k.Name, k.Created, text})
}

var errNoServiceKey = &refusal{status: 404, code: "service_key_not_found", detail: "There is no such service key."}

func (a *api) revokeServiceKey(c *gin.Context) {
	err := a.cfg.Accounts.RevokeServiceKey(c, caller(c).Game, c.Param("id"))
	if errors.Is(err, account.ErrNotFound) {
		err = errNoServiceKey
	}
	conclude(c, err)
}

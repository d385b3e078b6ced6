package api

import (
	"crypto/sha256"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
)

// A login at a provider of OpenID Connect, the same for pages and for apps:
//
//	client                       here                      provider
//	POST /v1/login/oidc/{id} ──► url, secret
//	opens url ───────────────────────────────────────────► the player logs in
//	   ◄───────────────────── redirect to the client's own address: state, code
//	POST /v1/login/oidc ───────► secret, state, code ────► is the code good?
//	   ◄── session
//
// The provider sends the player back to the client itself: to a page, to an
// app's own scheme or to a port on its machine, as the provider is configured.
// The secret never leaves the client but to here, so a state and a code that
// somebody else has got hold of, or foists on a player, are good for nothing.

// flowBody is a login at a provider that has begun.
type flowBody struct {
	URL       string `json:"url"`
	Secret    string `json:"secret"`
	ExpiresIn int    `json:"expires_in"` // seconds
}

func answerFlow(c *gin.Context, f account.Flow, err error) {
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, flowBody{f.URL, f.Secret, int(f.Life / time.Second)})
}

// providerBody is a provider as clients choose one: theirs are those that send
// players back to them.
type providerBody struct {
	Name     string `json:"name"`
	Redirect string `json:"redirect"`
}

func (a *api) providers(c *gin.Context) {
	all, err := a.cfg.Accounts.Providers(a.gameOr(account.Game(c.Query("game"))))
	if err != nil {
		refuse(c, err)
		return
	}
	shown := []providerBody{}
	for _, p := range all {
		shown = append(shown, providerBody{p.Name, p.Redirect})
	}
	c.JSON(http.StatusOK, gin.H{"providers": shown})
}

func (a *api) beginOIDC(c *gin.Context) {
	var body struct {
		Game account.Game `json:"game"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	flow, err := a.cfg.Accounts.BeginOIDC(c, a.gameOr(body.Game), c.Param("id"))
	answerFlow(c, flow, err)
}

// linkOIDC begins a login by which the caller's account gets an identity.
func (a *api) linkOIDC(c *gin.Context) {
	var body struct {
		Provider string `json:"provider"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	flow, err := a.cfg.Accounts.LinkOIDC(c, caller(c).Ref, body.Provider)
	answerFlow(c, flow, err)
}

// finishOIDC ends what either of them began.
func (a *api) finishOIDC(c *gin.Context) {
	var body struct {
		Game   account.Game `json:"game"`
		Secret string       `json:"secret"`
		State  string       `json:"state"`
		Code   string       `json:"code"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	session, err := a.cfg.Accounts.FinishOIDC(c, a.gameOr(body.Game), account.Callback{Secret: body.Secret, State: body.State, Code: body.Code})
	answerSession(c, session, err)
}

func (a *api) unlinkOIDC(c *gin.Context) {
	found, err := a.cfg.Accounts.Account(c, caller(c).Ref)
	if err != nil {
		refuse(c, err)
		return
	}
	for _, i := range found.Identities {
		if identityID(i) == c.Param("id") {
			conclude(c, dropped(a.cfg.Accounts.Unlink(c, found.Ref, i)))
			return
		}
	}
	refuse(c, errNoCredential)
}

// identityID names an identity in paths, where an issuer's URL and whatever a
// provider calls its users would not fit.
func identityID(i account.Identity) string {
	sum := sha256.Sum256([]byte(i.Issuer + "\x00" + i.Subject))
	return bytesText.EncodeToString(sum[:12])
}

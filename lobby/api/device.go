package api

import (
	"encoding/base64"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
)

// bytesText spells bytes in bodies.
var bytesText = base64.RawURLEncoding.Strict()

func (a *api) challenge(c *gin.Context) {
	var body struct {
		Game   account.Game `json:"game"`
		Device string       `json:"device"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	nonce, err := a.cfg.Accounts.Challenge(a.gameOr(body.Game), body.Device)
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"nonce": nonce})
}

func (a *api) loginDevice(c *gin.Context) {
	var body struct {
		Game   account.Game `json:"game"`
		Device string       `json:"device"`
		Nonce  string       `json:"nonce"`
		Proof  string       `json:"proof"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	proof, _ := bytesText.DecodeString(body.Proof) // what is none proves nothing
	session, err := a.cfg.Accounts.LoginDevice(c, a.gameOr(body.Game), body.Device, body.Nonce, proof)
	answerSession(c, session, err)
}

func (a *api) addDevice(c *gin.Context) {
	var body struct {
		Key string `json:"key"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	key, err := bytesText.DecodeString(body.Key)
	if err != nil {
		refuse(c, account.ErrDeviceInvalid)
		return
	}
	conclude(c, a.cfg.Accounts.AddDevice(c, caller(c).Ref, account.Device{ID: c.Param("id"), Key: key}))
}

func (a *api) removeDevice(c *gin.Context) {
	conclude(c, dropped(a.cfg.Accounts.RemoveDevice(c, caller(c).Ref, c.Param("id"))))
}

var errNoCredential = &refusal{status: 404, code: "credential_not_found", detail: "The account has no such device or identity."}

// dropped is the error of taking a credential away: the account is there, so
// what was not found is the credential.
func dropped(err error) error {
	if errors.Is(err, account.ErrNotFound) {
		return errNoCredential
	}
	return err
}

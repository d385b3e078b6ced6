package api

import (
	"net/netip"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
)

// register makes an account with a username and a password. That a username is
// taken has to be said, so it is asked for slowly.
func (a *api) register(c *gin.Context) {
	var body struct {
		Game     account.Game `json:"game"`
		Name     string       `json:"name"`
		Username string       `json:"username"`
		Password string       `json:"password"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	session, err := a.cfg.Accounts.Register(c, a.gameOr(body.Game), body.Name, account.Credentials{Username: body.Username, Password: body.Password})
	answerSession(c, session, err)
}

func (a *api) loginPassword(c *gin.Context) {
	var body struct {
		Game     account.Game `json:"game"`
		Username string       `json:"username"`
		Password string       `json:"password"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	session, err := a.cfg.Accounts.Login(c, a.gameOr(body.Game), account.Credentials{Username: body.Username, Password: body.Password}, address(c))
	answerSession(c, session, err)
}

// address is where a request comes from, or none.
func address(c *gin.Context) netip.Addr {
	addr, _ := netip.ParseAddr(c.ClientIP())
	return addr
}

// addPassword makes a guest, or whoever has no password, an account that has a
// username.
func (a *api) addPassword(c *gin.Context) {
	var body struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	who := caller(c).Ref
	if err := a.cfg.Accounts.AddPassword(c, who, account.Credentials{Username: body.Username, Password: body.Password}); err != nil {
		refuse(c, err)
		return
	}
	a.answerAccount(c, who)
}

// changePassword ends all logins of the caller and starts one.
func (a *api) changePassword(c *gin.Context) {
	var body struct {
		Password string `json:"password"`
		New      string `json:"new_password"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	session, err := a.cfg.Accounts.ChangePassword(c, caller(c).Ref, body.Password, body.New, address(c))
	answerSession(c, session, err)
}

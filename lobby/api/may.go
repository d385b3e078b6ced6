package api

import (
	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
)

func (a *api) may(act account.Action) step {
	return step{token: true, refuses: append([]error{errForbidden}, tokenErrors...), do: func(c *gin.Context) {
		a.auth(c)
		if !c.IsAborted() && !account.Allow(caller(c).Role, act) {
			refuse(c, errForbidden)
		}
	}}
}

var errForbidden = &refusal{status: 403, code: "forbidden", detail: "Your role may not do this."}

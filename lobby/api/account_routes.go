package api

import "github.com/musterhq/muster/lobby/account"

// accountRoutes are about who somebody is. Whatever hashes a password, and what
// tells whether a username is taken, can be asked for rarely.
func (a *api) accountRoutes() {
	login, password := a.perAddress(bucketLogin), a.perAddress(bucketPassword)
	a.serve("POST", "/v1/register", a.register, a.perAddress(bucketRegister), takes(maxBody), a.current())
	a.serve("POST", "/v1/login/password", a.loginPassword, password, takes(maxBody), a.current())
	a.serve("POST", "/v1/login/device/challenge", a.challenge, login, takes(maxBody))
	a.serve("POST", "/v1/login/device", a.loginDevice, login, takes(maxBody), a.current())
	a.get("/v1/login/oidc", a.providers, a.perAddress(bucketRead))
	a.serve("POST", "/v1/login/oidc", a.finishOIDC, login, takes(maxCallback), a.current())
	a.serve("POST", "/v1/login/oidc/:id", a.beginOIDC, login, takes(maxBody))
	a.get("/v1/keys", a.keys, a.perAddress(bucketRead))

	a.serve("POST", "/v1/logout", a.logout, a.own(bucketPlayerRead)...)
	a.serve("POST", "/v1/logout/everywhere", a.logoutEverywhere, a.own(bucketPlayerRead)...)
	a.get("/v1/account", a.getAccount, a.own(bucketPlayerRead)...)
	a.serve("PATCH", "/v1/account", a.renameAccount, a.own(bucketPlayerAccount, takes(maxBody))...)
	a.serve("DELETE", "/v1/account", a.deleteAccount, a.own(bucketPlayerAccount)...)
	a.get("/v1/account/export", a.exportAccount, a.own(bucketPlayerAccount)...)
	a.serve("POST", "/v1/account/password", a.addPassword, a.own(bucketPlayerAccount, password, takes(maxBody))...)
	a.serve("PUT", "/v1/account/password", a.changePassword, a.own(bucketPlayerAccount, password, takes(maxBody))...)
	a.serve("PUT", "/v1/account/devices/:id", a.addDevice, a.own(bucketPlayerAccount, takes(maxBody))...)
	a.serve("DELETE", "/v1/account/devices/:id", a.removeDevice, a.own(bucketPlayerAccount)...)
	a.serve("POST", "/v1/account/identities", a.linkOIDC, a.own(bucketPlayerAccount, takes(maxBody))...)
	a.serve("DELETE", "/v1/account/identities/:id", a.unlinkOIDC, a.own(bucketPlayerAccount)...)

	a.moderatorRoutes()
}

// own are the steps before somebody does something with their own account.
func (a *api) own(b bucket, more ...step) []step {
	return append([]step{a.perAddress(bucketRead), a.may(account.ActOwnAccount), a.perPlayer(b)}, more...)
}

// moderatorRoutes are about others.
func (a *api) moderatorRoutes() {
	often := a.perAddress(bucketRead)
	a.get("/v1/players/:id", a.getPlayer, a.looks()...)
	a.get("/v1/players/:id/account", a.getPlayerAccount, audited("player.read"), often, a.may(account.ActReadAccount))
	a.serve("DELETE", "/v1/players/:id/account", a.against(a.deletePlayer), audited("player.delete"), often, a.may(account.ActAccounts))
	a.get("/v1/players/:id/account/export", a.exportPlayer, audited("player.export"), often, a.may(account.ActAccounts))
	a.serve("POST", "/v1/players/:id/logout", a.against(a.logoutPlayer), audited("player.logout"), often, a.may(account.ActAccounts))
	a.serve("PUT", "/v1/players/:id/ban", a.ban, audited("player.ban"), often, a.may(account.ActBan), takes(maxBody))
	a.serve("DELETE", "/v1/players/:id/ban", a.against(a.unban), audited("player.unban"), often, a.may(account.ActBan))
	a.serve("PUT", "/v1/players/:id/role", a.setRole, audited("player.role"), often, a.may(account.ActRoles), takes(maxBody))

	a.get("/v1/service-keys", a.listServiceKeys, often, a.may(account.ActServiceKeys))
	a.serve("POST", "/v1/service-keys", a.newServiceKey, audited("service_key.create"), often, a.may(account.ActServiceKeys), takes(maxBody))
	a.serve("DELETE", "/v1/service-keys/:id", a.revokeServiceKey, audited("service_key.revoke"), often, a.may(account.ActServiceKeys))
}

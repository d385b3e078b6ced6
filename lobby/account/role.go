package account

import "slices"

// A Role says what an account may do.
type Role string

// The roles. Service is that of keys, never of an account.
const (
	RolePlayer    Role = "player"
	RoleModerator Role = "moderator"
	RoleAdmin     Role = "admin"
	RoleService   Role = "service"
)

// An Action is what somebody asks for and not everybody may do.
type Action string

// The actions.
const (
	ActPlay         Action = "play"          // tickets, parties, lobby rooms, matches
	ActChat         Action = "chat"          // and report others
	ActOwnAccount   Action = "own account"   // rename, credentials, export and deletion of one's own
	ActReadAccount  Action = "read account"  // of anybody
	ActReadReports  Action = "read reports"  // of chat and of players
	ActCloseReports Action = "close reports" // with a verdict
	ActWarn         Action = "warn"          // moderators' mail to players
	ActKick         Action = "kick"          // out of rooms and matches
	ActMute         Action = "mute"          // for everybody
	ActBan          Action = "ban"           // and lift bans
	ActWatchMatches Action = "watch matches" // read any live match
	ActRunMatches   Action = "run matches"   // create for chosen players, end
	ActPlayerData   Action = "player data"   // read and write what the game keeps of anybody
	ActVersions     Action = "versions"      // say which clients are too old
	ActWebhooks     Action = "webhooks"      // say where events of the game are posted
	ActMail         Action = "mail"          // notices of the game to anybody
	ActAccounts     Action = "accounts"      // delete, export and log out anybody
	ActRoles        Action = "roles"         // give and take them
	ActServiceKeys  Action = "service keys"  // make, list and revoke them
	ActServer       Action = "server"        // drain, backup, metrics
)

// allowed is the one place that says who may do what.
var allowed = map[Action][]Role{
	ActPlay:         {RolePlayer, RoleModerator, RoleAdmin},
	ActChat:         {RolePlayer, RoleModerator, RoleAdmin},
	ActOwnAccount:   {RolePlayer, RoleModerator, RoleAdmin},
	ActReadAccount:  {RoleModerator, RoleAdmin, RoleService},
	ActReadReports:  {RoleModerator, RoleAdmin, RoleService},
	ActCloseReports: {RoleModerator, RoleAdmin},
	ActWarn:         {RoleModerator, RoleAdmin},
	ActKick:         {RoleModerator, RoleAdmin, RoleService},
	ActMute:         {RoleModerator, RoleAdmin},
	ActBan:          {RoleModerator, RoleAdmin},
	ActWatchMatches: {RoleModerator, RoleAdmin, RoleService},
	ActRunMatches:   {RoleAdmin, RoleService},
	ActPlayerData:   {RoleAdmin, RoleService},
	ActVersions:     {RoleAdmin, RoleService},
	ActWebhooks:     {RoleAdmin, RoleService},
	ActMail:         {RoleAdmin, RoleService},
	ActAccounts:     {RoleAdmin, RoleService},
	ActRoles:        {RoleAdmin},
	ActServiceKeys:  {RoleAdmin},
	ActServer:       {RoleAdmin},
}

// Allow says whether a role may do something. Nobody may do what is not listed.
func Allow(role Role, action Action) bool { return slices.Contains(allowed[action], role) }

// Above says whether a role may act against another: a moderator bans players,
// and neither moderators nor admins. A service, whose key may be on many
// machines, is no more than a moderator.
func Above(role, other Role) bool { return rank(role) > rank(other) }

func rank(r Role) int {
	if r == RoleService {
		r = RoleModerator
	}
	return slices.Index([]Role{RolePlayer, RoleModerator, RoleAdmin}, r)
}

// ofAccounts says whether an account may have the role.
func (r Role) ofAccounts() bool { return r != RoleService && rank(r) >= 0 }

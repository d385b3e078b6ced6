package account

import (
	"slices"
	"time"

	"github.com/musterhq/muster/protocol"
)

// An Account is what may be shown of an account to its player and to
// moderators.
type Account struct {
	Ref
	Name       string // shown to others; not unique
	Username   string // as it was chosen, "" for a guest; unique by its skeleton
	Role       Role
	Created    time.Time
	Seen       time.Time // the day, UTC, of the last login or refresh
	Ban        Ban       // zero if there is none, also where it is over
	Devices    []string  // ids
	Identities []Identity
}

// Guest says that nobody can log in to the account but by the refresh token it
// was given.
func (a *Account) Guest() bool {
	return a.Username == "" && len(a.Devices) == 0 && len(a.Identities) == 0
}

// An Identity is who a player is at a provider of OpenID Connect.
type Identity struct{ Issuer, Subject string }

// A Ban keeps a player out until it ends.
type Ban struct {
	Until  time.Time
	Reason string            // shown to the player
	By     protocol.PlayerID // or whatever names who did it
}

func (b Ban) on(now time.Time) bool { return now.Before(b.Until) }

// record is an account as it is kept. Fields may be added, and never change
// their meaning.
type record struct {
	Game       Game
	Player     protocol.PlayerID
	Name       string
	Username   string
	Skeleton   string // of the username
	Password   string // PHC string
	Devices    []device
	Identities []Identity
	Role       Role
	Created    time.Time
	Seen       time.Time // midnight, UTC
	Ban        Ban
	Generation uint32 // of access tokens: those of a lower one are dead
	Epoch      uint32 // of refresh families: those of another one are dead
	Leaving    bool   // it is being deleted, and is nobody's already
}

// device is a key that can log in.
type device struct {
	ID  string
	Key []byte // sealed
}

func newRecord(game Game, name string) record {
	now := time.Now()
	return record{Game: game, Player: protocol.NewID[protocol.PlayerID](), Name: name, Role: RolePlayer, Created: now.UTC(), Seen: day(now), Generation: 1, Epoch: 1}
}

func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func (a *record) ref() Ref { return Ref{a.Game, a.Player} }

// claims are what the account holds of what only one account can.
func (a *record) claims() (all []claim) {
	if a.Skeleton != "" {
		all = append(all, usernameClaim(a.Game, a.Skeleton))
	}
	for _, d := range a.Devices {
		all = append(all, deviceClaim(a.Game, d.ID))
	}
	for _, i := range a.Identities {
		all = append(all, identityClaim(a.Game, i))
	}
	return all
}

func (a *record) holds(c claim) bool { return slices.Contains(a.claims(), c) }

func (a *record) device(id string) *device {
	for i := range a.Devices {
		if a.Devices[i].ID == id {
			return &a.Devices[i]
		}
	}
	return nil
}

// shown is the account without its secrets.
func (a *record) shown() Account {
	s := Account{Ref: a.ref(), Name: a.Name, Username: a.Username, Role: a.Role, Created: a.Created, Seen: a.Seen.UTC(), Identities: a.Identities}
	s.Created = s.Created.UTC()
	if a.Ban.on(time.Now()) {
		s.Ban = a.Ban
	}
	for _, d := range a.Devices {
		s.Devices = append(s.Devices, d.ID)
	}
	return s
}

// banned says of an account whether its player may come in.
func (a *record) banned() error {
	if a.Ban.on(time.Now()) {
		return &BannedError{a.Ban}
	}
	return nil
}

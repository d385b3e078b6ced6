package arena

import "github.com/musterhq/muster/game"

// The tables. Those whose columns change often come first: their changed
// columns then fit the smallest masks on the wire. Shots come last of those
// that are sent, for they never change.
const (
	Players = iota
	Match
	Pickups
	Shots
	Own
	Scores

	// Where there are teams.
	Teams
	Mates
)

// Columns of Players.
const (
	PlayerX = iota
	PlayerY
	PlayerAim
	PlayerHP
	PlayerFrags
	PlayerDeaths
	PlayerUntil
)

// Columns of Match.
const (
	MatchEnd = iota
	MatchLimit
	MatchMap
	MatchAcross
	MatchDown
)

// Columns of Pickups.
const (
	PickupBack = iota
	PickupX
	PickupY
	PickupKind
)

// Columns of Shots.
const (
	ShotX = iota
	ShotY
	ShotAim
	ShotOwner
	ShotKind
	ShotBorn
)

// Columns of Own.
const (
	OwnVX = iota
	OwnVY
	OwnDash
	OwnFire
	OwnRail
	OwnAmmo
)

// Columns of Scores.
const (
	ScoreFrags = iota
	ScoreDeaths
)

// Columns of Teams.
const (
	TeamFrags = iota
)

// Columns of Mates.
const (
	MateAmmo = iota
	MateRail
	MateMark
	MateX
	MateY
	MateOn
)

// Fields of an input.
const (
	InMove = iota
	InAim
	InButtons
)

// Bits of InButtons.
const (
	ButtonFire = 1 << iota
	ButtonRail
	ButtonDash
	ButtonMark // where there are teams
)

// Kinds of events.
const (
	EventHit = iota
	EventKill
	EventRail
	EventPickup
	EventDash
	EventSpawn
)

// Weapons, in events and shots.
const (
	WeaponBlaster = 1 + iota
	WeaponRail
)

// Kinds of pickups.
const (
	KindHealth = 1 + iota
	KindAmmo
	KindMega
)

// shotsPerSeat is more than the bolts that one player can have in the air.
const shotsPerSeat = 8

// schema returns the schema of a match with so many seats, teams and pickups.
func schema(seats, teams, pickups int) *game.Schema {
	s := basicSchema(seats, pickups)
	if teams > 0 {
		s.Tables = append(s.Tables, game.Table{Name: "teams", Capacity: teams, Columns: []game.Column{{Name: "frags"}}},
			game.Table{Name: "mates", Capacity: seats, Audience: game.Team, Columns: []game.Column{
				{Name: "ammo"}, {Name: "rail", Tick: true}, {Name: "mark", Tick: true}, {Name: "x"}, {Name: "y"}, {Name: "on"},
			}})
		s.Inputs[InButtons].Max |= ButtonMark
	}
	return s
}

// basicSchema is that of all against all.
func basicSchema(seats, pickups int) *game.Schema {
	return &game.Schema{
		Tables: []game.Table{
			{Name: "players", Capacity: seats, Columns: []game.Column{
				{Name: "x", Linear: true}, {Name: "y", Linear: true}, {Name: "aim"}, {Name: "hp"},
				{Name: "frags"}, {Name: "deaths"}, {Name: "until", Tick: true},
			}},
			{Name: "match", Capacity: 1, Columns: []game.Column{
				{Name: "end", Tick: true}, {Name: "limit"}, {Name: "map"}, {Name: "across"}, {Name: "down"},
			}},
			{Name: "pickups", Capacity: pickups, Columns: []game.Column{
				{Name: "back", Tick: true}, {Name: "x"}, {Name: "y"}, {Name: "kind"},
			}},
			{Name: "shots", Capacity: min(seats*shotsPerSeat, game.MaxSlots), Columns: []game.Column{
				{Name: "x"}, {Name: "y"}, {Name: "aim"}, {Name: "owner"}, {Name: "kind"}, {Name: "born", Tick: true},
			}},
			{Name: "own", Capacity: seats, Audience: game.Private, Columns: []game.Column{
				{Name: "vx"}, {Name: "vy"}, {Name: "dash"}, {Name: "fire"}, {Name: "rail"}, {Name: "ammo"},
			}},
			{Name: "scores", Capacity: seats, Audience: game.Nobody, Columns: []game.Column{
				{Name: "frags"}, {Name: "deaths"},
			}},
		},
		Inputs: []game.Field{
			{Name: "move", Max: 16},
			{Name: "aim", Max: 255, Keep: true},
			{Name: "buttons", Max: ButtonFire | ButtonRail | ButtonDash, Bits: true},
		},
		Events: []game.EventKind{
			{Name: "hit", Args: []string{"by", "on", "damage"}},
			{Name: "kill", Args: []string{"by", "on", "weapon"}},
			{Name: "rail", Args: []string{"by", "x", "y", "ray"}},
			{Name: "pickup", Args: []string{"by", "slot"}},
			{Name: "dash", Args: []string{"by"}},
			{Name: "spawn", Args: []string{"seat"}},
		},
	}
}

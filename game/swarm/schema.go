package swarm

import "github.com/musterhq/muster/game"

// The tables. The spatial ones come first: their seven columns fit one byte.
const (
	Blobs = iota
	Pellets
	Spikes
	Zone
	Leaders
	Own
	Bodies
	Players
)

// Columns of Blobs.
const (
	BlobX = iota
	BlobY
	BlobR
)

// Columns of Pellets and of Spikes.
const (
	FoodX = iota
	FoodY
)

// Columns of Zone.
const (
	ZoneSide = iota
	ZoneEnd
)

// Columns of Leaders.
const (
	LeaderSeat = iota
	LeaderMass
)

// Columns of Own.
const (
	OwnX = iota
	OwnY
	OwnRank
	OwnBack
	OwnKiller
	OwnMerge
)

// Columns of Bodies.
const (
	BodyMass = iota
	BodyVX
	BodyVY
)

// Columns of Players.
const (
	PlayerParts = iota
	PlayerHeld
	PlayerShield
	PlayerBest
)

// Fields of an input.
const (
	InAim = iota
	InThrottle
	InButtons
)

// Bits of InButtons.
const (
	ButtonSplit = 1 << iota
	ButtonBoost
)

// EventFell says that one of the leaders was eaten.
const EventFell = 0

// Parts is how many blobs a player can be. Those of seat s are rows s*Parts to
// s*Parts+Parts-1 of Blobs and of Bodies.
const Parts = 4

// Rows of tables.
const (
	mostPellets = 4000
	mostSpikes  = 64
	mostLeaders = 10
)

func schema(seats int) *game.Schema {
	return &game.Schema{
		Space: &game.Space{Width: World, Height: World, Cell: cell, Reach: Sight},
		Tables: []game.Table{
			{Name: "blobs", Capacity: seats * Parts, Columns: []game.Column{
				{Name: "x", Axis: game.X, Linear: true}, {Name: "y", Axis: game.Y, Linear: true}, {Name: "r"},
			}},
			{Name: "pellets", Capacity: mostPellets, Columns: []game.Column{{Name: "x", Axis: game.X}, {Name: "y", Axis: game.Y}}},
			{Name: "spikes", Capacity: mostSpikes, Columns: []game.Column{{Name: "x", Axis: game.X}, {Name: "y", Axis: game.Y}}},
			{Name: "zone", Capacity: 1, Columns: []game.Column{{Name: "side"}, {Name: "end", Tick: true}}},
			{Name: "leaders", Capacity: mostLeaders, Columns: []game.Column{{Name: "seat"}, {Name: "mass"}}},
			{Name: "own", Capacity: seats, Audience: game.Private, Columns: []game.Column{
				{Name: "x", Axis: game.X}, {Name: "y", Axis: game.Y}, {Name: "rank"}, {Name: "back"}, {Name: "killer"}, {Name: "merge"},
			}},
			{Name: "bodies", Capacity: seats * Parts, Audience: game.Nobody, Columns: []game.Column{{Name: "mass"}, {Name: "vx"}, {Name: "vy"}}},
			{Name: "players", Capacity: seats, Audience: game.Nobody, Columns: []game.Column{
				{Name: "parts"}, {Name: "held"}, {Name: "shield"}, {Name: "best"},
			}},
		},
		Inputs: []game.Field{
			{Name: "aim", Max: 255, Keep: true},
			{Name: "throttle", Max: FullThrottle, Keep: true},
			{Name: "buttons", Max: ButtonSplit | ButtonBoost, Bits: true},
		},
		Events: []game.EventKind{{Name: "fell", Args: []string{"by", "who"}}},
	}
}

//go:build linux

package main

import (
	"fmt"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/game/swarm"
)

// A shape is how many players there are, of which game, and how they are parted.
type shape struct {
	mode             game.Mode // of the server, hidden; what the bare ones are sent is its inputs, too
	family           string    // of the mode, as people call it
	rooms, seats, hz int
}

// families are the games whose hidden modes are measured: of a mode of its own
// for each number of seats and rate, a shape can be made.
var families = []struct {
	name  string
	modes []game.Mode
}{
	{"arena", arena.Modes()},
	{"swarm", swarm.Modes()},
}

// shapes are what is measured if nobody chooses.
var shapes = []shape{
	mustShape("10x10"), mustShape("50x10"), mustShape("100x10"), mustShape("1x100"),
	mustShape("50x10@60"), // on two cores that keeps the floor's machine about half busy
	mustShape("1x1000"),
}

func (s shape) String() string { return fmt.Sprintf("%dx%d@%d", s.rooms, s.seats, s.hz) }

func (s shape) players() int { return s.rooms * s.seats }

// parseShape reads rooms x seats, and the rate behind an @ where the first
// mode of so many seats is not meant.
func parseShape(text string) (shape, error) {
	var rooms, seats, hz int
	if n, _ := fmt.Sscanf(text, "%dx%d@%d", &rooms, &seats, &hz); n < 2 || rooms < 1 {
		return shape{}, fmt.Errorf("%q: want rooms x seats, such as 50x10 or 50x10@60", text)
	}
	for _, f := range families {
		for _, m := range f.modes {
			if m.Hidden && m.Seats == seats && (m.Hz == hz || hz == 0) {
				return shape{m, f.name, rooms, seats, m.Hz}, nil
			}
		}
	}
	return shape{}, fmt.Errorf("%q: the server has no hidden mode of %d seats at that rate", text, seats)
}

func mustShape(text string) shape {
	s, err := parseShape(text)
	if err != nil {
		panic(err)
	}
	return s
}

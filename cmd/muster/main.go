// Command muster is the server with its reference games, the arena and the
// swarm.
package main

import (
	"github.com/musterhq/muster/cmd"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/game/swarm"
)

func main() { cmd.Main(append(arena.Modes(), swarm.Modes()...)...) }

// Command muster is the server with its reference game, the arena.
package main

import (
	"github.com/musterhq/muster/cmd"
	"github.com/musterhq/muster/game/arena"
)

func main() { cmd.Main(arena.Modes()...) }

// Command asking is the server with a duel between people alone, that each of
// them accepts first, for the page's tests.
package main

import (
	"time"

	"github.com/musterhq/muster/cmd"
	"github.com/musterhq/muster/game/arena"
)

func main() {
	modes := arena.Modes()
	for i := range modes {
		if modes[i].Name == "arena-duel" {
			modes[i].Matchmaking.AcceptFor = 5 * time.Minute
			modes[i].FillAfter = time.Hour
		}
	}
	cmd.Main(modes...)
}

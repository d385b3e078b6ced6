package arena

import "github.com/musterhq/muster/game"

type bot struct{ game.Bot }

func newBot(a *arena, seat game.Seat, seed uint64) game.Bot {
	return game.RandomBot(schema(1, 1))(seat, seed)
}

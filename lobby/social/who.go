package social

import (
	"cmp"
	"context"
	"strings"

	"github.com/musterhq/muster/protocol"
)

// A Who is a player, as login has established it, and the game it is of.
type Who struct {
	Game string
	protocol.Player
}

func (w Who) address() address { return address{w.Game, w.ID} }

// An address is a player of a game.
type address struct {
	game   string
	player protocol.PlayerID
}

func (a address) compare(b address) int {
	return cmp.Or(strings.Compare(a.game, b.game), strings.Compare(string(a.player), string(b.player)))
}

const maxAddress = 64 // bytes of a game, and of a player

// key is the address in a bucket. A game has no NUL in it, so that no two
// addresses are one key.
func (a address) key() (string, error) {
	if !part(a.game) || !part(string(a.player)) {
		return "", ErrPlayerUnknown
	}
	return a.game + "\x00" + string(a.player), nil
}

func part(s string) bool {
	return s != "" && len(s) <= maxAddress && !strings.Contains(s, "\x00")
}

func addressOf(key string) address {
	game, player, _ := strings.Cut(key, "\x00")
	return address{game, protocol.PlayerID(player)}
}

// other returns another player of who's game, or ErrSelf or ErrPlayerUnknown.
func (s *Social) other(ctx context.Context, who Who, id protocol.PlayerID) (Who, error) {
	if id == who.ID {
		return Who{}, ErrSelf
	}
	if !part(who.Game) || !part(string(id)) {
		return Who{}, ErrPlayerUnknown
	}
	p, err := s.deps.People.Person(ctx, who.Game, id)
	return Who{who.Game, p}, err
}

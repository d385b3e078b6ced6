package career

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// fingerprint is what this fold makes of some results that have everything in
// them. Whatever changes how results count gives another one, be it a setting,
// the rating's maths or how a machine rounds; so nobody has to think of it.
func fingerprint(cfg Config) (string, error) {
	f, err := openFold(cfg, nil)
	if err != nil {
		return "", err
	}
	for i := range uint64(samples) {
		if err := f.apply(bus.Record[result]{Seq: i + 1, Value: sample(int(i))}); err != nil {
			return "", err
		}
	}
	sum := sha256.New()
	if err := f.boards.Freeze().Write(sum); err != nil {
		return "", err
	}
	for _, mode := range sampleModes {
		for i := range samplePlayers {
			for _, p := range f.places(sampleGame, samplePlayer(i)) {
				if p.Mode == mode {
					fmt.Fprintln(sum, mode, i, p.Season, p.Rating.Mu, p.Rating.Sigma, p.Rating.Matches)
				}
			}
		}
	}
	return string(sum.Sum(nil)), nil
}

const (
	samples       = 200
	samplePlayers = 12
	sampleGame    = "sample"
)

var sampleModes = []string{"alone", "teams"}

func samplePlayer(i int) protocol.PlayerID { return protocol.PlayerID(rune('a' + i%samplePlayers)) }

// sample is one of a few years' results: with draws, teams, leavers, bots,
// players that chose each other or are forgotten, matches that were cut short
// and some that come twice.
func sample(i int) result {
	r := result{
		At: time.Date(2026, 1, 1, i*150, 0, 0, 0, time.UTC), Game: sampleGame, Mode: sampleModes[i%2],
		Match: protocol.MatchID(fmt.Sprint(i - i%17/16)), Why: Finished, Custom: i%11 == 0,
	}
	if i%9 == 0 {
		r.Why = "abandoned"
	}
	for j := range 2 + i%5 {
		p := part{Player: samplePlayer(i*5 + j*7), Seat: game.Seat(j), Left: (i+j)%7 == 0, Rank: int32(1 + (i*3+j*j)%4), Score: int32(i * j)}
		p.Team = game.TeamID(i % 2 * (1 + j%2))
		r.Players = append(r.Players, p)
	}
	if i%4 == 0 {
		r.Bots = []bot{{Rank: int32(1 + i%3)}, {Team: game.TeamID(i % 2), Rank: 2}}
	}
	if i%60 == 59 {
		r.Forget = []protocol.PlayerID{samplePlayer(i)}
	}
	return r
}

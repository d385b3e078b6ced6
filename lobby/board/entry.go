package board

import (
	"errors"
	"fmt"
	"time"

	"github.com/musterhq/muster/protocol"
)

// Bounds of an entry, in bytes and in players.
const (
	maxName    = 64 // of games, modes, players and matches
	maxWhy     = 256
	maxPlayers = 1 << 16
	maxPlace   = 1 << 20
)

// A Ladder is where players compete: a mode of a game (of a title). It has a
// board for each season.
type Ladder struct{ Game, Mode string }

// An Entry is what the log says of one match. One with a mode but no players
// is a mark: it only turns the season, if it is time. One without a mode only
// forgets.
type Entry struct {
	Seq uint64    // in the results stream, from 1; later entries have higher ones
	At  time.Time // as stored with the entry; it decides the season
	Ladder
	Match   protocol.MatchID
	Why     string // the match ended, as in protocol.Ended
	Tally   Tally
	Players []Outcome // each once

	// Forget are players whose accounts are gone: they leave every board of
	// the game, frozen ones, too, and their histories are dropped.
	Forget []protocol.PlayerID
}

// A Tally is what a match does to the board.
type Tally uint8

const (
	Rated   Tally = iota // the board shows Outcome.After
	Points               // the board sums up Outcome.Score over the season
	Unrated              // nothing: the match is only remembered
)

// A Verdict is how a match came out for a player.
type Verdict uint8

// Verdicts. A match that was not played to its end has none.
const (
	Unfinished Verdict = iota
	Won
	Drew
	Lost
)

// String is the verdict's word wherever results are told.
func (v Verdict) String() string {
	return [...]string{Unfinished: "unfinished", Won: "won", Drew: "drew", Lost: "lost"}[v]
}

// MarshalText implements [encoding.TextMarshaler].
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// An Outcome is how a match came out for one player, and what that did.
type Outcome struct {
	Player        protocol.PlayerID
	Place         int // 1 is best; 0 if there are no places
	Verdict       Verdict
	Score         int64 // in the match
	Before, After int64 // the shown rating
}

// ErrEntry is an entry that cannot be: the fold passes it over.
var ErrEntry = errors.New("malformed entry")

func (e *Entry) check() error {
	switch {
	case !inRange(e.At):
		return fmt.Errorf("%w: its time is %v", ErrEntry, e.At)
	case len(e.Game) > maxName || len(e.Mode) > maxName || len(e.Match) > maxName || len(e.Why) > maxWhy:
		return fmt.Errorf("%w: a name is too long", ErrEntry)
	case e.Tally > Unrated:
		return fmt.Errorf("%w: tally %d", ErrEntry, e.Tally)
	case len(e.Players) > 0 && (e.Mode == "" || e.Match == ""):
		return fmt.Errorf("%w: players of no match", ErrEntry)
	case len(e.Players) > maxPlayers:
		return fmt.Errorf("%w: %d players", ErrEntry, len(e.Players))
	}
	seen := make(map[protocol.PlayerID]bool, len(e.Players))
	for i := range e.Players {
		o := &e.Players[i]
		if seen[o.Player] {
			return fmt.Errorf("%w: player %q twice", ErrEntry, o.Player)
		}
		seen[o.Player] = true
		if err := o.check(); err != nil {
			return err
		}
	}
	return nil
}

func (o *Outcome) check() error {
	switch {
	case !goodName(o.Player):
		return fmt.Errorf("%w: a player of %d bytes", ErrEntry, len(o.Player))
	case o.Place < 0 || o.Place > maxPlace || o.Verdict > Lost:
		return fmt.Errorf("%w: place %d, verdict %d", ErrEntry, o.Place, o.Verdict)
	case !goodScore(o.Score) || !goodScore(o.Before) || !goodScore(o.After):
		return fmt.Errorf("%w: a score out of range", ErrEntry)
	}
	return nil
}

func goodName[S ~string](s S) bool { return len(s) > 0 && len(s) <= maxName }

func goodScore(n int64) bool { return n >= -MaxScore && n <= MaxScore }

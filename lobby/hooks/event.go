package hooks

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// Types of events.
const (
	MatchEnded    = "match.ended"
	PlayerDeleted = "player.deleted"
)

var allTypes = []string{MatchEnded, PlayerDeleted}

// An Event is something that has happened. Its fields are those of the body.
type Event struct {
	ID   string          `json:"id"`   // the same each time it is delivered
	Type string          `json:"type"` // as match.ended
	At   time.Time       `json:"at"`
	Data json.RawMessage `json:"data"` // as the type has it
}

// Errors of an event.
var (
	ErrGame  = errors.New("there is no such game")
	ErrEvent = errors.New("an event has one of the known types, an id of 128 characters of ASCII at most, and JSON as data, of 256 KiB at most")
)

const (
	maxID   = 128       // bytes
	maxData = 256 << 10 // bytes
	maxGame = 32        // bytes: a stream is named after it
)

// complete fills in what was left out, and checks the rest.
func (e *Event) complete(now time.Time) error {
	if e.ID == "" {
		e.ID = rand.Text()
	}
	if e.At.IsZero() {
		e.At = now
	}
	e.At = e.At.UTC().Truncate(time.Millisecond)
	if len(e.Data) == 0 {
		e.Data = json.RawMessage("null")
	}
	if !slices.Contains(allTypes, e.Type) || len(e.ID) > maxID || strings.ContainsFunc(e.ID, notPlain) || len(e.Data) > maxData || !json.Valid(e.Data) {
		return ErrEvent
	}
	return nil
}

func notPlain(r rune) bool { return r <= ' ' || r > '~' }

func validGame(s string) bool {
	return s != "" && len(s) <= maxGame && !strings.Contains(s, "\x00")
}

// A record is an event as its game's stream keeps it: the body, made once.
type record struct {
	Type string
	Body []byte
}

package saves

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/musterhq/muster/protocol"
)

// Errors of saves.
var (
	ErrAddress   = errors.New("there is no such game or player")
	ErrKey       = errors.New("a key has 1 to 64 bytes of UTF-8 without control characters")
	ErrTooBig    = errors.New("the value is too big")
	ErrQuota     = errors.New("the player's quota is used up")
	ErrNotFound  = errors.New("nothing is saved under the key")
	ErrVersion   = errors.New("the save has another version")
	ErrForbidden = errors.New("this save is not yours to write")
	ErrBusy      = errors.New("the player's saves are being written too often or deleted at this moment")
)

// A Role is in what part somebody reads or writes a player's saves.
type Role uint8

// The roles, by what they may do.
const (
	Stranger Role = iota // reads what is public
	Owner                // the player: reads all, writes what is the player's to write
	Service              // a studio's back end: reads and writes all
)

// A Version names a value of a key. Versions rise with every write of a
// player's saves, so that none comes twice, even of a key that was deleted.
type Version uint64

// Conditions of a write instead of a version.
const (
	New Version = 0         // the key must have no value
	Any Version = 1<<64 - 1 // whatever the key has
)

// A Draft is what shall be saved.
type Draft struct {
	Key     string
	Value   []byte
	If      Version // that the key has now, New or Any
	Service bool    // the owner may not write it from now on; only a service can say so
	Public  bool    // everybody may read it
}

// A Save is what is kept under a key.
type Save struct {
	Key     string
	Version Version
	Size    int    // bytes of the value
	Value   []byte // nil in a list
	Service bool   // only a service may write it
	Public  bool   // everybody may read it
	At      time.Time
}

const (
	maxKey     = 64 // bytes
	maxAddress = 64 // bytes of a game, and of a player
)

func validKey(key string) bool {
	return key != "" && len(key) <= maxKey && utf8.ValidString(key) && strings.IndexFunc(key, unicode.IsControl) < 0
}

// address is whose saves they are, as a key of a bucket. A game has no NUL in
// it, so that no two addresses are one key.
func address(game string, p protocol.PlayerID) (string, error) {
	for _, s := range []string{game, string(p)} {
		if s == "" || len(s) > maxAddress || strings.Contains(s, "\x00") {
			return "", ErrAddress
		}
	}
	return game + "\x00" + string(p), nil
}

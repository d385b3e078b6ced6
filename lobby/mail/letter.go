package mail

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/musterhq/muster/protocol"
)

// Kinds of notices. A studio's own have a dot in them, which ours never will.
const (
	KindInvite    = "invite"
	KindResult    = "result"
	KindModerator = "moderator"
	KindSystem    = "system"
	KindLost      = "lost" // nobody sends it: it stands for what was dropped unread
)

// A Letter is what becomes a notice.
type Letter struct {
	Kind string
	Text string // for people, may be empty
	Data string // for programs, mostly JSON; may be empty
	// Key names what the letter is about, such as the result of a match: of
	// letters to one player with the same key the first alone is kept. It is
	// known for as long as a notice is kept, but not longer than for rememberKeys
	// letters that come later. Without a key every letter is another one.
	Key string
}

// Errors of a letter and of whom it is for.
var (
	ErrAddress = errors.New("there is no such game or player")
	ErrKind    = errors.New("the kind is not one of ours, nor lower case with a dot in it")
	ErrText    = errors.New("the text or data is too long or not UTF-8")
)

const maxKind = 64 // bytes

func (l *Letter) validate() error {
	switch l.Kind {
	case KindInvite, KindResult, KindModerator, KindSystem:
	default:
		if !ownKind(l.Kind) {
			return ErrKind
		}
	}
	if len(l.Text) > protocol.MaxMailText || len(l.Data) > protocol.MaxMailText || !utf8.ValidString(l.Text) || !utf8.ValidString(l.Data) {
		return ErrText
	}
	return nil
}

func ownKind(s string) bool {
	if len(s) > maxKind || !strings.Contains(s, ".") {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}

// An address is a player of a game.
type address struct {
	game   string
	player protocol.PlayerID
}

const maxAddress = 64 // bytes of a game, and of a player

// key is the address in a bucket. A game has no NUL in it, so that no two
// addresses are one key.
func (a address) key() (string, error) {
	if !part(a.game) || !part(string(a.player)) {
		return "", ErrAddress
	}
	return a.game + "\x00" + string(a.player), nil
}

func part(s string) bool {
	return s != "" && len(s) <= maxAddress && !strings.Contains(s, "\x00")
}

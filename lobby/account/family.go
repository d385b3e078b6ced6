package account

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"strings"
	"time"

	"github.com/musterhq/muster/protocol"
)

// family is one login as it is kept: the row of refresh tokens that follow each
// other, of which one is good.
//
// A token is 32 random bytes, and only hashes of them are kept. The successor
// is the HMAC of its predecessor over a salt that is kept: who presents the
// predecessor can be given the same successor again, though we do not know it.
type family struct {
	Game     Game
	Player   protocol.PlayerID
	Session  string // id of the login, in its access tokens
	Epoch    uint32 // of the account when it began; another one ends it
	Tag      []byte // tells tokens of ours from made-up ones
	Current  []byte // hash of the good token
	Previous []byte // hash of the one before, nil at first
	Salt     []byte // what Current was made with of Previous
	Started  time.Time
	Rotated  time.Time // when Current was given out
	Ended    bool      // logged out, or stolen
}

// maxSessions is how many logins an account has at a time; one more takes the
// place of the one that was idle longest. Each has a slot of its own, so that
// all of an account can be found.
const maxSessions = 16

func familyKey(ref Ref, slot byte) string { return fmt.Sprintf("%s/%02d", ref.key(), slot) }

func familyKeys(ref Ref) (all []string) {
	for slot := range byte(maxSessions) {
		all = append(all, familyKey(ref, slot))
	}
	return all
}

// A refreshToken is the text that a client keeps, in parts.
type refreshToken struct {
	player protocol.PlayerID
	slot   byte
	secret [32]byte
	tag    [16]byte // HMAC of the secret under the family's tag
}

const (
	refreshPrefix = "mr1."
	refreshBytes  = 16 + 1 + 32 + 16
)

// newFamily begins a login.
func newFamily(a *record, slot byte) (family, refreshToken) {
	now := time.Now().UTC()
	f := family{Game: a.Game, Player: a.Player, Session: randomText(12), Epoch: a.Epoch, Tag: random(32), Started: now, Rotated: now}
	t := f.token(slot, [32]byte(random(32)))
	f.Current = t.hash()
	return f, t
}

func (f *family) token(slot byte, secret [32]byte) refreshToken {
	t := refreshToken{player: f.Player, slot: slot, secret: secret}
	copy(t.tag[:], mac(f.Tag, "muster refresh tag", secret[:]))
	return t
}

// issued says that a token is or was one of the family's.
func (f *family) issued(t refreshToken) bool {
	want := f.token(t.slot, t.secret)
	return hmac.Equal(want.tag[:], t.tag[:])
}

func (f *family) isCurrent(t refreshToken) bool {
	return subtle.ConstantTimeCompare(f.Current, t.hash()) == 1
}

func (f *family) isPrevious(t refreshToken) bool {
	return len(f.Previous) > 0 && subtle.ConstantTimeCompare(f.Previous, t.hash()) == 1
}

// rotate makes the successor of the current token the current one.
func (f *family) rotate(t refreshToken) refreshToken {
	f.Previous, f.Salt, f.Rotated = f.Current, random(32), time.Now().UTC()
	next := f.successor(t)
	f.Current = next.hash()
	return next
}

// successor is the token that follows the previous one.
func (f *family) successor(t refreshToken) refreshToken {
	return f.token(t.slot, [32]byte(mac(t.secret[:], "muster refresh next", f.Salt)))
}

func (t refreshToken) hash() []byte {
	sum := sha256.Sum256(t.secret[:])
	return sum[:]
}

func mac(key []byte, purpose string, data []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(purpose))
	m.Write([]byte{0})
	m.Write(data)
	return m.Sum(nil)
}

func (t refreshToken) String() string {
	b, _ := idText.DecodeString(string(t.player))
	b = append(b, t.slot)
	b = append(b, t.secret[:]...)
	return refreshPrefix + secretText.EncodeToString(append(b, t.tag[:]...))
}

func parseRefresh(text string) (t refreshToken, ok bool) {
	text, ok = strings.CutPrefix(text, refreshPrefix)
	if !ok || len(text) != secretText.EncodedLen(refreshBytes) || strings.ContainsAny(text, "\r\n") {
		return t, false
	}
	b, err := secretText.DecodeString(text)
	if err != nil || b[16] >= maxSessions {
		return t, false
	}
	t.player, t.slot = protocol.PlayerID(idText.EncodeToString(b[:16])), b[16]
	copy(t.secret[:], b[17:49])
	copy(t.tag[:], b[49:])
	return t, true
}

package account

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"slices"
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
//
// Tokens of a family are counted, and their number is stamped with the server's
// secret: whoever reads what is kept can make none. So one whose number is
// higher than that of Current proves that what is kept was rolled back to a
// backup, and the family follows it.
type family struct {
	Game       Game
	Player     protocol.PlayerID
	Session    string // id of the login, in its access tokens
	Epoch      uint32 // of the account when it began; another one ends it
	Tag        []byte // tells tokens of ours from made-up ones
	Current    []byte // hash of the good token
	Previous   []byte // hash of the one before, nil at first
	Salt       []byte // what Current was made with of Previous
	Generation uint32 // of Current, from 1; 0 is of the time when tokens were not counted
	Started    time.Time
	Rotated    time.Time // when Current was given out
	Ended      bool      // logged out, or stolen
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
	player     protocol.PlayerID
	slot       byte
	secret     [32]byte
	generation uint32   // in its family; 0 in the old format, which has neither this nor born nor a stamp
	born       int64    // in seconds, as Unix counts them
	stamp      [16]byte // HMAC of all that under the server's secret
	tag        [16]byte // HMAC of all that, or of an old one's secret, under the family's tag
}

// Tokens of the old format are read as long as there are any: a login that is
// used gets one of today's, and one that is not has an end.
const (
	oldPrefix     = "mr1."
	oldBytes      = 16 + 1 + 32 + 16
	refreshPrefix = "mr2."
	refreshBytes  = 16 + 1 + 32 + 4 + 8 + 16 + 16
)

// newFamily begins a login.
func newFamily(by stamper, a *record, slot byte) (family, refreshToken) {
	now := time.Now().UTC()
	f := family{Game: a.Game, Player: a.Player, Session: randomText(12), Epoch: a.Epoch, Tag: random(32), Generation: 1, Started: now, Rotated: now}
	t := f.token(by, slot, [32]byte(random(32)))
	f.Current = t.hash()
	return f, t
}

// token is the family's current one, of a secret.
func (f *family) token(by stamper, slot byte, secret [32]byte) refreshToken {
	t := refreshToken{player: f.Player, slot: slot, secret: secret, generation: f.Generation, born: f.Rotated.Unix()}
	copy(t.stamp[:], by.stamp(f.stamped(t)))
	copy(t.tag[:], f.tag(t))
	return t
}

// stamped is what the stamp of a token of the family is made of.
func (f *family) stamped(t refreshToken) []byte {
	b := append(slices.Clone(f.Tag), t.slot)
	b = append(b, t.secret[:]...)
	return t.appendAge(b)
}

func (t refreshToken) appendAge(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, t.generation)
	return binary.BigEndian.AppendUint64(b, uint64(t.born))
}

func (f *family) tag(t refreshToken) []byte {
	b := t.secret[:]
	if t.generation > 0 {
		b = append(t.appendAge(b), t.stamp[:]...)
	}
	return mac(f.Tag, "muster refresh tag", b)[:len(t.tag)]
}

// issued says that a token is or was one of the family's.
func (f *family) issued(t refreshToken) bool { return hmac.Equal(f.tag(t), t.tag[:]) }

// isBehind says that a token is of a time that the family knows nothing of: what
// is kept of it was rolled back.
func (f *family) isBehind(by stamper, t refreshToken) bool {
	return t.generation > f.Generation && by.made(t.stamp[:], f.stamped(t))
}

// follow has the family be where a token is that it is behind.
func (f *family) follow(t refreshToken) {
	f.Generation, f.Current, f.Rotated = t.generation, t.hash(), time.Unix(t.born, 0).UTC()
}

func (f *family) isCurrent(t refreshToken) bool {
	return subtle.ConstantTimeCompare(f.Current, t.hash()) == 1
}

func (f *family) isPrevious(t refreshToken) bool {
	return len(f.Previous) > 0 && subtle.ConstantTimeCompare(f.Previous, t.hash()) == 1
}

// rotate makes the successor of the current token the current one.
func (f *family) rotate(by stamper, t refreshToken) refreshToken {
	f.Previous, f.Salt, f.Rotated = f.Current, random(32), time.Now().UTC()
	f.Generation++
	next := f.successor(by, t)
	f.Current = next.hash()
	return next
}

// successor is the token that follows the previous one.
func (f *family) successor(by stamper, t refreshToken) refreshToken {
	return f.token(by, t.slot, [32]byte(mac(t.secret[:], "muster refresh next", f.Salt)))
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
	b, _ := protocol.IDText.DecodeString(string(t.player))
	b = append(b, t.slot)
	b = append(b, t.secret[:]...)
	if t.generation == 0 {
		return oldPrefix + secretText.EncodeToString(append(b, t.tag[:]...))
	}
	b = append(t.appendAge(b), t.stamp[:]...)
	return refreshPrefix + secretText.EncodeToString(append(b, t.tag[:]...))
}

func parseRefresh(text string) (t refreshToken, ok bool) {
	old, isOld := strings.CutPrefix(text, oldPrefix)
	if isOld {
		return parseToken(old, oldBytes)
	}
	if text, ok = strings.CutPrefix(text, refreshPrefix); !ok {
		return t, false
	}
	t, ok = parseToken(text, refreshBytes)
	return t, ok && t.generation > 0
}

// parseToken reads what follows the prefix, of the size of its format.
func parseToken(text string, size int) (t refreshToken, ok bool) {
	if len(text) != secretText.EncodedLen(size) || strings.ContainsAny(text, "\r\n") {
		return t, false
	}
	b, err := secretText.DecodeString(text)
	if err != nil || b[16] >= maxSessions {
		return t, false
	}
	t.player, t.slot = protocol.PlayerID(protocol.IDText.EncodeToString(b[:16])), b[16]
	copy(t.secret[:], b[17:])
	if size == refreshBytes {
		t.generation, t.born = binary.BigEndian.Uint32(b[49:]), int64(binary.BigEndian.Uint64(b[53:]))
		copy(t.stamp[:], b[61:])
	}
	copy(t.tag[:], b[size-len(t.tag):])
	return t, true
}

package account

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Argon is how much work a password's hash is. It is kept with each hash, so it
// can be changed at any time: a hash of other parameters is made anew at the
// next login.
type Argon struct {
	Memory  uint32 // KiB, default 19 Mi (OWASP), some 50 ms of a core
	Passes  uint32 // default 2
	Threads uint8  // default 1: a login takes no more than a core
}

const (
	minPassword = 8   // bytes
	maxPassword = 128 // bytes
	hashBytes   = 32
	saltBytes   = 16

	// What a kept hash may ask for at most, should the folder have been written
	// by others.
	maxArgonMemory = 1 << 20 // KiB
	maxArgonPasses = 64
)

// newPassword says whether a password may be chosen.
func newPassword(password, skeletonOfUser string) error {
	if !passwordSized(password) {
		return ErrPasswordLength
	}
	folded := strings.ToLower(password)
	if _, known := slices.BinarySearch(common, folded); known || skeleton(password) == skeletonOfUser || oneCharacter(folded) {
		return ErrPasswordCommon
	}
	return nil
}

func passwordSized(password string) bool {
	return len(password) >= minPassword && len(password) <= maxPassword
}

func oneCharacter(s string) bool { return strings.Trim(s, s[:1]) == "" }

// hash makes the PHC string of a password. It takes its time; see [gate].
func (p Argon) hash(password string) string {
	salt := random(saltBytes)
	return p.phc(salt, p.key(password, salt))
}

// key hashes. Keyboards spell accents in two ways; both are one password.
func (p Argon) key(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, p.Passes, p.Memory, p.Threads, hashBytes)
}

func (p Argon) phc(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Passes, p.Threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// dummy is a hash that no password has, for who has none: it costs the same to
// find that out.
func (p Argon) dummy() string { return p.phc(random(saltBytes), random(hashBytes)) }

// matches says whether a PHC string is that of a password.
func matches(phc, password string) bool {
	p, salt, key, ok := parsePHC(phc)
	return ok && subtle.ConstantTimeCompare(p.key(password, salt), key) == 1
}

// outdated says that a PHC string was made with other parameters than p.
func (p Argon) outdated(phc string) bool {
	is, _, _, ok := parsePHC(phc)
	return ok && is != p
}

func parsePHC(phc string) (p Argon, salt, key []byte, ok bool) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Passes, &p.Threads); err != nil {
		return p, nil, nil, false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return p, nil, nil, false
	}
	key, err = base64.RawStdEncoding.DecodeString(parts[5])
	ok = err == nil && len(key) == hashBytes && p.Memory <= maxArgonMemory && p.Passes >= 1 && p.Passes <= maxArgonPasses && p.Threads >= 1
	return p, salt, key, ok
}

package hooks

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
)

// SignatureHeader is the header with a request's signature: t=<Unix seconds>,
// then v1=<hex of HMAC-SHA256 over "t.body"> once for each secret that holds.
const SignatureHeader = "Muster-Signature"

// Errors of a signature.
var (
	ErrSignature = errors.New("the signature is not of this body and any of these secrets")
	ErrTooOld    = errors.New("the signature is too old, or of the future")
)

// Tolerance is how far a signature's time may be from now, if nothing else is
// said: enough for clocks that differ, too little to play a request again.
const Tolerance = 5 * time.Minute

// Verify checks the value of a request's [SignatureHeader] over its body, as it
// came, with the secrets that a receiver knows: while one is being replaced
// that is the old and the new one, and each alone suffices.
func Verify(header string, body []byte, now time.Time, tolerance time.Duration, secrets ...string) error {
	at, sums, ok := parseSignature(header)
	if !ok {
		return ErrSignature
	}
	for _, secret := range secrets {
		want := sum(secret, at, body)
		for _, got := range sums {
			if hmac.Equal(got, want) {
				return inTime(at, now, tolerance)
			}
		}
	}
	return ErrSignature
}

func inTime(at string, now time.Time, tolerance time.Duration) error {
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return ErrSignature
	}
	if now.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return ErrTooOld
	}
	return nil
}

const maxSums = 8 // in one header

func parseSignature(header string) (at string, sums [][]byte, ok bool) {
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			at = value
		case "v1":
			b, err := hex.DecodeString(value)
			if err != nil || len(sums) == maxSums {
				return "", nil, false
			}
			sums = append(sums, b)
		} // others are tomorrow's
	}
	return at, sums, at != "" && len(sums) > 0
}

// sign returns the header for a body sent at a time.
func sign(body []byte, now time.Time, secrets ...string) string {
	at := strconv.FormatInt(now.Unix(), 10)
	header := "t=" + at
	for _, s := range secrets {
		header += ",v1=" + hex.EncodeToString(sum(s, at, body))
	}
	return header
}

func sum(secret, at string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at))
	mac.Write([]byte("."))
	mac.Write(body)
	return mac.Sum(nil)
}

// newSecret returns 256 random bits as text. The text itself is the key.
func newSecret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return "whsec_" + base64.RawURLEncoding.EncodeToString(b[:])
}

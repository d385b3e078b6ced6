package protocol

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/musterhq/muster/game"
)

// A Pass admits one player to one seat of one match, once, for a short time; or
// to watch it, on game.NoSeat.
// It is sealed by the node that made the match with the key all nodes share.
type Pass struct {
	Match   MatchID
	Player  PlayerID
	Seat    game.Seat
	Expires time.Time // to the second
}

// Errors of a pass.
var (
	ErrPassInvalid = errors.New("pass invalid")
	ErrPassExpired = errors.New("pass expired")
)

// Seal returns the pass as text: its fields, and an HMAC-SHA256 over them.
func (p Pass) Seal(key []byte) string {
	seat := watches
	if p.Seat != game.NoSeat {
		seat = strconv.Itoa(int(p.Seat))
	}
	fields := strings.Join([]string{string(p.Match), string(p.Player), seat, strconv.FormatInt(p.Expires.Unix(), 10)}, ".")
	return fields + "." + passMAC(key, fields)
}

// OpenPass checks the seal and the time. The seal is compared as text, since
// base64 can spell the same bytes in several ways and a pass may be remembered
// as used by its text.
func OpenPass(key []byte, sealed string, now time.Time) (Pass, error) {
	cut := strings.LastIndexByte(sealed, '.')
	if cut < 0 {
		return Pass{}, ErrPassInvalid
	}
	if !hmac.Equal([]byte(sealed[cut+1:]), []byte(passMAC(key, sealed[:cut]))) {
		return Pass{}, ErrPassInvalid
	}
	fields := strings.Split(sealed[:cut], ".")
	if len(fields) != 4 {
		return Pass{}, ErrPassInvalid
	}
	seat, err1 := parseSeat(fields[2])
	expires, err2 := strconv.ParseInt(fields[3], 10, 64)
	if err1 != nil || err2 != nil {
		return Pass{}, ErrPassInvalid
	}
	p := Pass{MatchID(fields[0]), PlayerID(fields[1]), seat, time.Unix(expires, 0)}
	if !now.Before(p.Expires) {
		return p, ErrPassExpired
	}
	return p, nil
}

// watches stands in a pass where others name a seat.
const watches = "watch"

func parseSeat(s string) (game.Seat, error) {
	if s == watches {
		return game.NoSeat, nil
	}
	seat, err := strconv.ParseUint(s, 10, 16)
	return game.Seat(seat), err
}

func passMAC(key []byte, fields string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("muster pass v1\x00"))
	mac.Write([]byte(fields))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

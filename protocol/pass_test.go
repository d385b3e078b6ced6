package protocol_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
)

func TestPass(t *testing.T) {
	key, now := []byte("0123456789abcdef"), time.Unix(1_700_000_000, 0)
	pass := protocol.Pass{Match: "aaaaaaaaaaaaaaaaaaaaaaaaaa", Player: "bbbbbbbbbbbbbbbbbbbbbbbbbb", Seat: 1023, Expires: now.Add(30 * time.Second)}
	sealed := pass.Seal(key)
	if got, err := protocol.OpenPass(key, sealed, now); err != nil || got != pass {
		t.Errorf("got %+v, %v, want %+v", got, err, pass)
	}
	if _, err := protocol.OpenPass(key, sealed, now.Add(30*time.Second)); !errors.Is(err, protocol.ErrPassExpired) {
		t.Errorf("after its time: %v", err)
	}
	if _, err := protocol.OpenPass([]byte("another"), sealed, now); !errors.Is(err, protocol.ErrPassInvalid) {
		t.Errorf("with another key: %v", err)
	}
	if len(sealed) > 512 {
		t.Errorf("it has %d bytes, more than a Join holds", len(sealed))
	}
}

// TestPassHasOneSpelling: whatever is changed in a pass, it does not open, so
// that its text may stand for it.
func TestPassHasOneSpelling(t *testing.T) {
	key, now := []byte("key"), time.Unix(1_700_000_000, 0)
	sealed := protocol.Pass{Match: "m", Player: "p", Seat: 1, Expires: now.Add(time.Minute)}.Seal(key)
	other := []string{"", ".", sealed + "\n", sealed + "=", "\r" + sealed, sealed + ".", strings.ToUpper(sealed), sealed[:len(sealed)-1]}
	for i := range sealed {
		other = append(other, sealed[:i]+"\n"+sealed[i:])
		for _, c := range "A0.-_z" {
			if byte(c) != sealed[i] {
				other = append(other, sealed[:i]+string(c)+sealed[i+1:])
			}
		}
	}
	for _, text := range other {
		if _, err := protocol.OpenPass(key, text, now); !errors.Is(err, protocol.ErrPassInvalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestPassWithDots: an id that could be read as two fields is not let through.
func TestPassWithDots(t *testing.T) {
	key, now := []byte("key"), time.Unix(1_700_000_000, 0)
	sealed := protocol.Pass{Match: "m.x", Player: "7", Seat: 2, Expires: now.Add(time.Minute)}.Seal(key)
	if _, err := protocol.OpenPass(key, sealed, now); !errors.Is(err, protocol.ErrPassInvalid) {
		t.Errorf("got %v", err)
	}
}

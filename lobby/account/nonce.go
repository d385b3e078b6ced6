package account

import (
	"crypto/hmac"
	"encoding/binary"
	"strings"
	"time"
)

const (
	nonceLife  = 30 * time.Second
	maxNonces  = 1 << 16 // answered in one life; some 2,000 logins a second
	nonceBytes = 8 + 16 + 16
)

// nonces makes and checks the nonces of devices.
//
//	nonce = made (8 bytes, ms) · random (16) · HMAC of both, game and device (16)
type nonces struct {
	key  []byte
	used *once
}

func newNonces() *nonces { return &nonces{random(32), newOnce(nonceLife, maxNonces)} }

func (n *nonces) new(game Game, device string) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(time.Now().UnixMilli()))
	b = append(b, random(16)...)
	return secretText.EncodeToString(append(b, n.tag(b, game, device)...))
}

func (n *nonces) tag(b []byte, game Game, device string) []byte {
	return mac(n.key, "muster nonce", append([]byte(string(game)+"\x00"+device+"\x00"), b...))[:16]
}

// good says that a nonce is one of ours for a device, and not too old.
func (n *nonces) good(game Game, device, nonce string) bool {
	if len(nonce) != secretText.EncodedLen(nonceBytes) || strings.ContainsAny(nonce, "\r\n") {
		return false
	}
	b, err := secretText.DecodeString(nonce)
	if err != nil || !hmac.Equal(n.tag(b[:24], game, device), b[24:]) {
		return false
	}
	age := time.Since(time.UnixMilli(int64(binary.BigEndian.Uint64(b))))
	return age >= -time.Second && age < nonceLife
}

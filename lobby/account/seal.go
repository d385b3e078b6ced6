package account

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
)

// A sealer encrypts what is kept and read again, and what clients hold for us.
// The first of its secrets seals; all of them open.
type sealer []cipher.AEAD

var errSeal = errors.New("sealed by another secret, or damaged")

func newSealer(secrets [][]byte) sealer {
	var all sealer
	for _, secret := range secrets {
		key, err := hkdf.Key(sha256.New, secret, nil, "muster account seal v1", 32)
		if err != nil {
			panic(err) // only for keys of other lengths
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			panic(err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			panic(err)
		}
		all = append(all, aead)
	}
	return all
}

// seal encrypts for one purpose; it opens for no other.
func (s sealer) seal(purpose string, plain []byte) []byte {
	return s[0].Seal(nil, nil, plain, []byte(purpose))
}

func (s sealer) open(purpose string, sealed []byte) ([]byte, error) {
	for _, aead := range s {
		if plain, err := aead.Open(nil, nil, sealed, []byte(purpose)); err == nil {
			return plain, nil
		}
	}
	return nil, errSeal
}

package account

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
)

// A stamper marks what we give out, to know it again by the secrets alone,
// whatever has become of what is kept. The first of them stamps; all are known.
type stamper [][]byte

func newStamper(secrets [][]byte) (all stamper) {
	for _, secret := range secrets {
		key, err := hkdf.Key(sha256.New, secret, nil, "muster account stamp v1", 32)
		if err != nil {
			panic(err) // only for keys of other lengths
		}
		all = append(all, key)
	}
	return all
}

const stampPurpose = "muster refresh stamp"

func (s stamper) stamp(data []byte) []byte { return mac(s[0], stampPurpose, data) }

// made says whether a stamp, or the first bytes of one, is ours.
func (s stamper) made(stamp, data []byte) bool {
	for _, key := range s {
		if hmac.Equal(mac(key, stampPurpose, data)[:len(stamp)], stamp) {
			return true
		}
	}
	return false
}

package account

import (
	"crypto/sha256"
	"sync"
)

// cacheMost is how many tokens one half of the cache holds: 8,192 players who
// ask within 15 minutes cost some 4 MB, and a check 2 µs where the signature
// takes 60.
const cacheMost = 1 << 13

// A tokenCache knows tokens whose signature is our own or was good: by their hash, so that no
// token stays in memory. Whether one has expired or was taken back is asked
// anew each time. Tokens that are not good are not kept: nobody fills it
// without a login.
//
// It has two halves. What is asked for moves to the new one; when that is full
// it becomes the old one, and what nobody asked for meanwhile is gone.
type tokenCache struct {
	mu   sync.Mutex
	new  map[[sha256.Size]byte]checked // under mu
	old  map[[sha256.Size]byte]checked // under mu
	most int
}

func newTokenCache() *tokenCache {
	return &tokenCache{new: make(map[[sha256.Size]byte]checked), most: cacheMost}
}

func tokenID(token string) [sha256.Size]byte { return sha256.Sum256([]byte(token)) }

func (t *tokenCache) get(id [sha256.Size]byte) (checked, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c, ok := t.new[id]; ok {
		return c, true
	}
	c, ok := t.old[id]
	if ok {
		t.keep(id, c)
	}
	return c, ok
}

func (t *tokenCache) put(id [sha256.Size]byte, c checked) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keep(id, c)
}

func (t *tokenCache) keep(id [sha256.Size]byte, c checked) {
	if len(t.new) >= t.most {
		t.old, t.new = t.new, make(map[[sha256.Size]byte]checked, t.most)
	}
	t.new[id] = c
}

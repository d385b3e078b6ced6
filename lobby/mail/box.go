package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"time"

	"github.com/musterhq/muster/protocol"
)

// A box is one player's mail as it is kept. Everything about it is a pure
// function of it and the time.
type box struct {
	Last   uint64 // id of the newest notice there ever was
	Kept   []kept // not acknowledged, oldest first
	Lost   int    // notices that were dropped since the last acknowledgement
	LostTo uint64 // the newest of them
	Keys   []byte // of letters, each as an id and a hash, oldest first
}

// A kept is one notice. Its fields' names are short because each is written
// with every notice.
type kept struct {
	ID   uint64 `msgpack:"i"`
	Kind string `msgpack:"k"`
	At   int64  `msgpack:"a"` // Unix seconds
	Text string `msgpack:"t,omitempty"`
	Data string `msgpack:"d,omitempty"`
}

// put adds a letter, unless its key is known, and returns its notice's id. Ids
// are Unix milliseconds, or one more than the last: so they go on rising when
// a mailbox was deleted, or is of a backup.
func (b *box) put(l Letter, now time.Time, cfg *Config) (id uint64, fresh bool) {
	b.expire(now, cfg)
	hash := hashKey(l.Key)
	if l.Key != "" {
		if id := b.known(hash); id != 0 {
			return id, false
		}
	}
	b.Last = max(b.Last+1, uint64(now.UnixMilli()))
	b.Kept = append(b.Kept, kept{b.Last, l.Kind, now.Unix(), l.Text, l.Data})
	if l.Key != "" {
		b.Keys = append(binary.BigEndian.AppendUint64(b.Keys, b.Last), hash...)
	}
	b.drop(len(b.Kept) - cfg.Most)
	b.Keys = b.Keys[max(0, len(b.Keys)-rememberKeys*keySize):]
	return b.Last, true
}

// ack forgets everything up to id, and says whether that changes anything.
func (b *box) ack(id uint64) bool {
	n, _ := slices.BinarySearchFunc(b.Kept, id+1, kept.compare)
	lost := b.Lost > 0 && b.LostTo <= id
	b.Kept = b.Kept[n:]
	if lost {
		b.Lost, b.LostTo = 0, 0
	}
	return n > 0 || lost
}

// expire drops what is too old, and forgets old keys.
func (b *box) expire(now time.Time, cfg *Config) (changed bool) {
	n := 0
	for n < len(b.Kept) && b.Kept[n].At <= now.Add(-cfg.MaxAge).Unix() {
		n++
	}
	b.drop(n)
	old := uint64(max(0, now.Add(-cfg.MaxAge).UnixMilli()))
	for len(b.Keys) >= keySize && binary.BigEndian.Uint64(b.Keys) < old {
		b.Keys, changed = b.Keys[keySize:], true
	}
	return changed || n > 0
}

// drop takes the n oldest out and counts them as lost.
func (b *box) drop(n int) {
	if n <= 0 {
		return
	}
	b.Lost, b.LostTo = b.Lost+n, b.Kept[n-1].ID
	b.Kept = b.Kept[n:]
}

// after returns the notices after id, oldest first. What was lost is one of
// them, in the place of the newest that was.
func (b *box) after(id uint64) (all []protocol.MailNotice) {
	if b.Lost > 0 && b.LostTo > id {
		all = append(all, protocol.MailNotice{ID: b.LostTo, Kind: KindLost, At: int64(b.LostTo / 1000), Data: strconv.Itoa(b.Lost)})
	}
	n, _ := slices.BinarySearchFunc(b.Kept, id+1, kept.compare)
	for _, k := range b.Kept[n:] {
		all = append(all, protocol.MailNotice{ID: k.ID, Kind: k.Kind, At: k.At, Text: k.Text, Data: k.Data})
	}
	return all
}

func (k kept) compare(id uint64) int {
	switch {
	case k.ID < id:
		return -1
	case k.ID > id:
		return 1
	}
	return 0
}

const (
	rememberKeys = 128 // letters
	hashSize     = 16  // bytes: nobody finds two keys of one hash by chance
	keySize      = 8 + hashSize
)

func hashKey(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:hashSize]
}

// known returns the id of the notice whose letter had the key, or 0.
func (b *box) known(hash []byte) uint64 {
	for k := b.Keys; len(k) >= keySize; k = k[keySize:] {
		if bytes.Equal(k[8:keySize], hash) {
			return binary.BigEndian.Uint64(k)
		}
	}
	return 0
}

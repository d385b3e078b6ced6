package mail

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
)

// TestBoxKeepsCount holds a box, through letters, acknowledgements and time in
// any order, to what it promises: ids rise, each letter is kept, acknowledged
// or counted as lost, and none of a known key comes twice.
func TestBoxKeepsCount(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		var b box
		cfg := Config{Most: 1 + r.IntN(8), MaxAge: time.Hour}
		now, last, sent, acked := time.Unix(1e9, 0), uint64(0), 0, 0
		for step := range 100 {
			switch r.IntN(5) {
			case 0:
				now = now.Add(time.Duration(r.IntN(40)-5) * time.Minute) // clocks go back, too
			case 1:
				upTo, all := last-min(last, uint64(r.IntN(3))), b.after(0)
				i := slices.IndexFunc(all, func(n protocol.MailNotice) bool { return n.ID > upTo })
				if i < 0 {
					i = len(all)
				}
				for _, n := range all[:i] {
					acked += weight(t, n)
				}
				b.ack(upTo)
			case 2:
				if id, fresh := b.put(Letter{Kind: KindSystem, Key: fmt.Sprint(step - 1)}, now, &cfg); fresh {
					last, sent = id, sent+1
				}
			default:
				id, fresh := b.put(Letter{Kind: KindSystem, Key: fmt.Sprint(step)}, now, &cfg)
				if id <= last || !fresh {
					t.Fatalf("seed %d: id %d after %d, fresh %v", seed, id, last, fresh)
				}
				last, sent = id, sent+1
			}
			b.expire(now, &cfg)
			all, left := b.after(0), 0
			for _, n := range all {
				left += weight(t, n)
			}
			if left+acked != sent || len(b.Kept) > cfg.Most || !slices.IsSortedFunc(all, func(a, b protocol.MailNotice) int { return int(a.ID) - int(b.ID) }) {
				t.Fatalf("seed %d, step %d: %d left and %d acknowledged of %d: %+v", seed, step, left, acked, sent, all)
			}
		}
	}
}

// weight is how many letters a notice stands for.
func weight(t *testing.T, n protocol.MailNotice) int {
	if n.Kind != KindLost {
		return 1
	}
	var lost int
	if _, err := fmt.Sscan(n.Data, &lost); err != nil || lost < 1 {
		t.Fatalf("lost %q", n.Data)
	}
	return lost
}

func TestALargestBoxFitsItsBucket(t *testing.T) {
	var b box
	cfg := Config{Most: 300, MaxAge: time.Hour}
	big := string(make([]byte, protocol.MaxMailText))
	for i := range 300 {
		b.put(Letter{Kind: string(make([]byte, maxKind)), Text: big, Data: big, Key: fmt.Sprint(i)}, time.Unix(1e9, 0), &cfg)
	}
	if n := len(protocol.Marshal(b)); n > 800<<10 {
		t.Errorf("%d bytes", n)
	}
}

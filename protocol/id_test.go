package protocol

import (
	"strings"
	"testing"
)

// TestIDs: a new id has the form, no two are alike, and nothing else has it.
func TestIDs(t *testing.T) {
	seen := map[PlayerID]bool{}
	for range 1000 {
		id := NewID[PlayerID]()
		if !ValidID(id) || seen[id] {
			t.Fatalf("got the id %q", id)
		}
		seen[id] = true
	}
	a := strings.Repeat("a", 25)
	for _, bad := range []string{"", a, a + "aa", a + "A", a + "1", a + "8", a + "=", a + "/", a + "\x00", a[1:] + "ä"} {
		if ValidID(bad) {
			t.Errorf("takes %q", bad)
		}
	}
}

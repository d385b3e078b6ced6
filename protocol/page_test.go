package protocol_test

import (
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// The example in PROTOCOL.md: a match of two, as its second player is sent it.

func exampleSchema() *game.Schema {
	return &game.Schema{
		Tables: []game.Table{
			{Name: "players", Capacity: 2, Columns: []game.Column{{Name: "x", Linear: true}, {Name: "hp"}}},
			{Name: "self", Capacity: 2, Audience: game.Private, Columns: []game.Column{{Name: "ammo"}}},
		},
		Inputs: []game.Field{{Name: "move", Min: -1, Max: 1, Keep: true}, {Name: "buttons", Max: 3, Bits: true}},
		Events: []game.EventKind{{Name: "hit", Args: []string{"whom", "damage"}}},
	}
}

// exampleMessages returns the example's messages by the name they have in the
// page.
func exampleMessages(t *testing.T) map[string][]byte {
	s := newExample(t)
	l := s.link(1, 0)
	m := map[string][]byte{
		"join": protocol.Append(nil, protocol.Join{Match: "m7", Pass: "pass"}),
		"joined": protocol.Append(nil, protocol.Joined{Match: "m7", Epoch: 1, Seat: 1, Mode: "duel", Hz: 30, Tick: 300,
			Schema: s.schema, Roster: []protocol.RosterSeat{{Seat: 0, Status: protocol.SeatBot, Name: "Bot"},
				{Seat: 1, Status: protocol.SeatPlayer, Player: "p1", Name: "Ada"}}}),
		"keyframe": l.send(),
	}
	walk := func(w *game.World) {
		w.Table(0).Col(0)[0] += 30
		w.Table(0).Col(0)[1] -= 20
	}
	s.step(walk)
	m["plain"] = l.send()
	s.step(func(w *game.World) {
		walk(w)
		w.Table(0).Col(0)[0]++
		w.Table(0).Col(1)[0] -= 25
		w.Table(1).Col(0)[1]--
		w.Emit(0, 0, 25)
	})
	l.head.Ack, l.head.Slack, l.hash = 9, -2, true
	m["linear"] = l.send()
	m["input"] = protocol.AppendInput(nil, &protocol.Input{Seq: 10, Ack: 302 & 127, Hold: 3, Lag: 16,
		Values: [game.MaxInputs]int32{-1, 2}}, s.schema.Inputs)
	m["resume"] = protocol.Append(nil, protocol.Join{Match: "m7", Epoch: 1, LastTick: 302})
	return m
}

func newExample(t *testing.T) *stage {
	// Private tables have a row for each seat, of which this mode has two.
	return newStageOf(t, 2, exampleSchema(), 300, func(w *game.World) {
		for i := range 2 {
			w.Table(0).SpawnAt(i)
			w.Table(0).Col(0)[i] = int32(1000 * i)
			w.Table(0).Col(1)[i] = 100
			w.Table(1).Col(0)[i] = 6
		}
	})
}

// In the page, an example's bytes stand at the beginning of indented lines
// that follow its mark, each with what it means behind it.
var exampleInPage = regexp.MustCompile(`(?m)^<!-- bytes: (\w+) -->\n\n((?:    .*\n)+)`)

func TestPageExample(t *testing.T) {
	want := exampleMessages(t)
	for _, m := range exampleInPage.FindAllStringSubmatch(mustRead(t, "PROTOCOL.md"), -1) {
		name, got := m[1], ""
		for _, line := range strings.Split(m[2], "\n") {
			digits, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
			got += strings.ReplaceAll(digits, " ", "")
		}
		if w := hex.EncodeToString(want[name]); got != w {
			t.Errorf("the page's %s is\n%s, but the code makes\n%s", name, got, w)
		}
		delete(want, name)
	}
	for name, b := range want {
		t.Errorf("the page lacks %s: %x", name, b)
	}
}

// TestPageReasons holds the page's table of reasons to those in the code.
func TestPageReasons(t *testing.T) {
	page := mustRead(t, "PROTOCOL.md")
	reasons := regexp.MustCompile(`= Reason\{(\d+), "(.+)", (true|false)\}`).FindAllStringSubmatch(mustRead(t, "reason.go"), -1)
	if len(reasons) < 15 {
		t.Fatalf("found %d reasons only", len(reasons))
	}
	for _, r := range reasons {
		row := "| " + r[1] + " | " + r[2] + " | " + map[string]string{"true": "yes", "false": "no"}[r[3]]
		if !strings.Contains(page, row) {
			t.Errorf("the page lacks %q", row)
		}
		if len(r[2]) > 123 {
			t.Errorf("%q does not fit a close frame", r[2])
		}
	}
	if rows := strings.Count(page, "\n| 1") + strings.Count(page, "\n| 4"); rows != len(reasons) {
		t.Errorf("the page has %d reasons, the code %d", rows, len(reasons))
	}
}

func mustRead(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

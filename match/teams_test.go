package match

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/protocol"
)

// TestNobodyIsSentAnotherTeamsRows plays a round in teams with clients that are
// cut off, come back and fall silent. Every frame that any of them was sent is
// decoded: none has a row of the other team's, and what they add up to is what
// the own team sees, bit for bit.
func TestNobodyIsSentAnotherTeamsRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mode := mustMode(t, arena.NewMode(arena.Options{Name: "teams", Map: "twin", Seats: 8, Teams: 2, RoundSeconds: 60}))
		layout, err := mode.Schema.Layout()
		if err != nil {
			t.Fatal(err)
		}
		rows := make([]int, mode.Seats) // by whose client was told of some
		wire := func(p *peer, frame []byte) {
			seat := int(p.joined.Seat)
			for _, owner := range mates(t, layout, p.mirror, frame) {
				if rows[seat]++; owner/4 != seat/4 {
					t.Errorf("seat %d is told of seat %d, which is in the other team", seat, owner)
				}
			}
		}
		ended := mustSurviveTrouble(t, mode, 5, 60, wire)
		for _, s := range ended.Seats {
			if s.Team != game.TeamID(1+s.Seat/4) {
				t.Errorf("the lobby is told that seat %d was in team %d", s.Seat, s.Team)
			}
		}
		ranks := map[game.Seat]int32{} // by team
		for _, p := range ended.Result {
			if rank, ok := ranks[p.Seat/4]; ok && rank != p.Rank {
				t.Errorf("a team has more than one rank: %v", ended.Result)
			}
			ranks[p.Seat/4] = p.Rank
		}
		if len(ended.Seats) != 8 || len(ended.Result) != 8 {
			t.Errorf("it ended with %v and %v", ended.Seats, ended.Result)
		}
		if slices.Min(rows) < 10 {
			t.Errorf("told of %v rows of mates: too few to say anything", rows)
		}
	})
}

// mates are the slots of that table of which a frame says anything.
func mates(t *testing.T, l *game.Layout, m *protocol.Mirror, frame []byte) (slots []int) {
	var head protocol.Head
	rest, err := protocol.ParseHead(frame, l.OwnColumns(), &head)
	if err != nil {
		t.Fatal(err)
	}
	var d game.Delta
	base := m.Now().Tick
	tick := base + game.Tick((head.Tick-uint8(base))&127)
	if _, _, err = protocol.ParseBody(rest, l, head.Kind&protocol.Keyframe != 0, tick, &d); err != nil {
		t.Fatal(err)
	}
	for _, c := range d.Changes {
		if l.ColumnTable(int(c.Column)) == arena.Mates {
			slots = append(slots, int(c.Slot))
		}
	}
	for _, ref := range slices.Concat(d.Spawns, d.Despawns) {
		if ref.Table == arena.Mates {
			slots = append(slots, int(ref.Slot))
		}
	}
	return slots
}

package protocol_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// TestCellsOfAnyPaceAgree has clients of each view told of random cells at
// random ticks, by linear segments and by plain ones: each copy is the cell as it was when they were last told of
// it, and what is shown comes from a copy, of the newest that has the row.
func TestCellsOfAnyPaceAgree(t *testing.T) {
	r := seeded(t)
	for range 12 {
		schema := pond()
		s := newStage(t, schema, game.Tick(r.IntN(300)), startPond)
		var crowd []*link
		for i := range 4 {
			crowd = append(crowd, s.link(i-1, game.View(i%3)))
		}
		for range 60 {
			for i, l := range crowd {
				if r.IntN(1+i) == 0 || l.base < 0 {
					l.glance(r)
				}
			}
			s.step(func(w *game.World) { stir(r, w) })
		}
	}
}

// glance sends a frame that tells of some cells, and forgets others.
func (l *link) glance(r *rand.Rand) {
	l.t.Helper()
	if l.forget = r.IntN(30) == 0; l.forget || len(l.kept)-1-l.base > 8 {
		clear(l.held)
	}
	for cell := range game.CellID(l.layout.Space().Cells()) {
		if _, held := l.held[cell]; held && r.IntN(9) == 0 {
			l.drops = append(l.drops, cell)
		}
		if r.IntN(3) == 0 {
			l.tells = append(l.tells, cell)
		}
	}
	l.hash, l.hashCells = true, r.IntN(2) == 0
	l.send()
	l.checkCells()
	checkUnion(l.t, l.mirror)
}

// checkUnion: a row is shown if and only if a copy has it, as one of these does.
func checkUnion(t testing.TB, m *protocol.Mirror) {
	t.Helper()
	copies := map[[2]int32][][]int32{}
	for cell := range game.CellID(m.Layout().Space().Cells()) {
		if c := m.Sight().Cell(cell); c != nil {
			for _, row := range cellRows(c) {
				key := [2]int32{row[0], row[1]}
				copies[key] = append(copies[key], row)
			}
		}
	}
	shown := 0
	for _, row := range rows(m.Now()) {
		if !m.Layout().Spatial(int(row[0])) {
			continue
		}
		shown++
		gen := int32(m.Now().Gen(int(row[0]), int(row[1])))
		row = slices.Insert(row, 2, gen)
		if !slices.ContainsFunc(copies[[2]int32{row[0], row[1]}], func(c []int32) bool { return reflect.DeepEqual(c, row) }) {
			t.Fatalf("%v is shown, no copy has it", row)
		}
	}
	if shown > len(copies) {
		t.Fatalf("%d rows are shown, of %d", shown, len(copies))
	}
}

// stir has rows of pond move, come, go and be others.
func stir(r *rand.Rand, w *game.World) {
	for _, table := range []int{blobs, pellets, marks} {
		rows := w.Table(table)
		if slot, ok := rows.SpawnFor(game.TeamID(r.IntN(3))); ok {
			place(w, table, slot, r.Int32N(300), r.Int32N(200))
		}
		for slot := rows.Next(-1); slot >= 0; slot = rows.Next(slot) {
			switch what := r.IntN(20); {
			case what == 0:
				rows.Despawn(slot)
			case what == 1:
				rows.Teleport(slot)
				place(w, table, slot, r.Int32N(300), r.Int32N(200))
			case what < 10:
				rows.Col(0)[slot] += r.Int32N(31) - 15
				rows.Col(1)[slot] += r.Int32N(31) - 15
			}
		}
	}
	w.Table(clock).Col(0)[0]--
	w.Table(eyes).Col(1)[1] += r.Int32N(5)
}

// mustPond is a mirror of pond that holds cells 0 and 1 as cells_apart begins.
func mustPond(t testing.TB) *protocol.Mirror {
	t.Helper()
	m, err := protocol.NewMirror(pond(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Frame(unhexed(t, pondKey)); err != nil {
		t.Fatal(err)
	}
	return m
}

// pondKey is a keyframe at tick 1, in which cell 0 has blobs 0 and 1.
const pondKey = "962101000000c0" + "95010190" + "930000cd04b0" + "90" + "92c0" + "95000090" + "9c" + "010001646400" + "010101ccbe2800" + "90"

func unhexed(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestCellsAreRefused where they do not fit the schema or what is held; a
// keyframe mends it.
func TestCellsAreRefused(t *testing.T) {
	const head, body = "962002010000c0", "93909090"
	for note, cells := range map[string]string{
		"nothing after the flag":                 "",
		"no array":                               "c0",
		"an empty array":                         "90",
		"drops of a cell that is not held":       "919101",
		"a drop beyond the plane":                "919106",
		"a drop twice":                           "91920000",
		"a segment that is no array":             "92c000",
		"a segment cut short":                    "92c09100",
		"a segment of nothing":                   "92c090",
		"a cell beyond the plane":                "92c0950600909090",
		"a cell that is not held":                "92c0950101909090",
		"a cell that was dropped":                "929100950001909090",
		"a cell twice":                           "93c0950001909090950001909090",
		"an age of 128":                          "92c09500cc80909090",
		"a linear age of 128":                    "92c09500d1ff80909090",
		"a linear segment of no cell":            "92c09501ff909090",
		"columns of nothing":                     "92c09500009301010290 90",
		"a column beyond the spatial ones":       "92c095000193cd0100010290 90",
		"a local row that is not there":          "92c095000193010402 9090",
		"too few residuals":                      "92c0950001930103029090",
		"too many residuals":                     "92c095000194010102029090",
		"an entry of a table that is not there":  "92c09500019096060001020202 90",
		"an entry of a table that is sent whole": "92c0950001909400000102 90",
		"an entry of a private table":            "92c0950001909603000102020290",
		"an entry beyond the table":              "92c0950001909601100102020290",
		"a generation of 128":                    "92c09500019096010 5cc8002020290",
		"an entry without all values":            "92c095000190950105010202 90",
		"entries out of order":                   "92c0950001909c010501020202 010401020202 90",
		"an entry twice":                         "92c0950001909c010501020202 010501020202 90",
		"a leave of a row that is not there":     "92c09500019090920102",
		"a leave where there are none":           "92c09500019090920400",
		"a leave of a table that is sent whole":  "92c09500019090920000",
		"leaves out of order":                    "92c0950001909094 01010100",
		"a leave twice":                          "92c0950001909094 01000100",
		"half a leave":                           "92c095000190909101",
		"a hash that is text":                    "92c0960001909090a178",
		"bytes behind":                           "91c000",
	} {
		m := mustPond(t)
		if err := m.Frame(unhexed(t, head+body+cells)); !errors.Is(err, protocol.ErrMalformed) {
			t.Errorf("%s: %v", note, err)
		}
		if err := m.Frame(unhexed(t, "960002010000c093909090")); err == nil {
			t.Errorf("%s: another frame is taken after it", note)
		}
		if err := m.Frame(unhexed(t, pondKey)); err != nil || m.Now().Count(blobs) != 2 || m.Sight().Held() != 1 {
			t.Errorf("%s: after a keyframe: %v, %d blobs", note, err, m.Now().Count(blobs))
		}
	}
	for note, frame := range map[string]string{
		"linear in a space":               "960202010000c093909090",
		"a spawn of a spatial table":      "960002010000c0" + "9390" + "950105646400" + "90",
		"a change in a spatial table":     "960002010000c0" + "93930201029090",
		"a despawn in a spatial table":    "960002010000c0" + "939090920100",
		"cells where the flag is not set": "960002010000c093909090" + "91c0",
	} {
		if err := mustPond(t).Frame(unhexed(t, frame)); !errors.Is(err, protocol.ErrMalformed) {
			t.Errorf("%s: %v", note, err)
		}
	}
}

// TestCellsOfTomorrow: segments with more elements, wider forms of numbers, and
// a hash that is left open are taken.
func TestCellsOfTomorrow(t *testing.T) {
	for note, cells := range map[string]string{
		"a hash that is nil": "92c0960001909090c0",
		"nothing but a cell": "92c0920001",
		"no enters":          "92c093000190",
		"no leaves":          "92c09400019090",
		"no hash":            "92c0950001909090",
		"more elements":      "92c0990001909090c0c3a178cb0000000000000000",
		"drops as a list":    "9290950001909090",
		"wide numbers":       "dc0002c0dd00000005cd0000cf0000000000000001909090",
	} {
		m := mustPond(t)
		if err := m.Frame(unhexed(t, "962002010000c093909090"+cells)); err != nil || m.Now().Count(blobs) != 2 || m.Desyncs > 0 {
			t.Errorf("%s: %v, %d blobs", note, err, m.Now().Count(blobs))
		}
	}
	m := mustPond(t)
	if err := m.Frame(unhexed(t, "962002010000c093909090"+"92c096000190909007")); err != nil || m.Desyncs != 1 {
		t.Errorf("another hash: %v, %d desyncs", err, m.Desyncs)
	}
}

// FuzzMirrorCells gives a client that holds a cell two frames of any kind.
func FuzzMirrorCells(f *testing.F) {
	for _, b := range goldenHex(f, "cells_*.json") {
		f.Add(b, unhexed(f, "962002010000c09390909092c0950001909090"))
		f.Add(b, unhexed(f, "962002010000c09390909092c09500ff909090"))
	}
	f.Fuzz(func(t *testing.T, b, c []byte) {
		m := mustPond(t)
		_, _ = m.Frame(b), m.Frame(c)
		checkUnion(t, m)
		checkSnapshot(t, m.Now())
	})
}

// TestCellsDoNotAllocate: what is done for a frame of cells, on either side,
// uses its memory again.
func TestCellsDoNotAllocate(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	s := newStage(t, pond(), 0, startPond)
	var frames [][]byte
	l := s.link(1, 0)
	for i := range 400 {
		for cell := range game.CellID(6) {
			if i%(int(cell)+1) == 0 {
				l.tells = append(l.tells, cell)
			}
		}
		frames = append(frames, l.send())
		s.step(func(w *game.World) { stir(r, w) })
	}
	m, err := protocol.NewMirror(pond(), 1)
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	take := func() {
		if err := m.Frame(frames[next]); err != nil {
			t.Fatal(err)
		}
		next++
	}
	for range 300 {
		take()
	}
	if n := testing.AllocsPerRun(98, take); n > 0 {
		t.Errorf("taking in a frame allocates %v times", n)
	}
	var segment protocol.Segment
	var b []byte
	prev, base := s.index.At(s.now().Tick-6), s.index.At(s.now().Tick-3)
	if n := testing.AllocsPerRun(100, func() {
		b = protocol.AppendCells(b[:0], nil, 6)
		for cell := range game.CellID(6) {
			segment.Cell, segment.Age = cell, 3
			segment.Delta.Diff(s.index, prev, base, cell, 0)
			b = protocol.AppendSegment(b, &segment, s.layout, s.now().Tick)
		}
	}); n > 0 {
		t.Errorf("making one allocates %v times", n)
	}
}

// BenchmarkAppendSegment is one cell of a crowd in motion, from the diff to
// the bytes.
func BenchmarkAppendSegment(b *testing.B) {
	for _, rows := range []int{10, 100} {
		b.Run(fmt.Sprint("rows=", rows), func(b *testing.B) {
			s := newStage(b, pond(), 60, func(w *game.World) {
				for slot := range rows {
					put(w, pellets, slot, int32(slot%20), int32(slot/20))
				}
			})
			s.step(func(w *game.World) {
				for slot := range rows {
					w.Table(pellets).Col(0)[slot] += int32(slot%20 - 10)
					w.Table(pellets).Col(1)[slot] += int32(slot % 7)
				}
			})
			segment, dst := protocol.Segment{Cell: 0, Age: 1}, []byte(nil)
			b.ReportAllocs()
			for b.Loop() {
				segment.Delta.Diff(s.index, nil, s.index.At(60), 0, 0)
				dst = protocol.AppendSegment(dst[:0], &segment, s.layout, 61)
			}
			b.ReportMetric(float64(len(dst)), "B/segment")
		})
	}
}

package protocol_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// goldenHex returns the messages in the golden files, to begin from: what
// stands under "hex" in files of the pattern.
func goldenHex(f *testing.F, pattern string) (all [][]byte) {
	paths, _ := filepath.Glob(filepath.Join("testdata", pattern))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		var file any
		if err := json.Unmarshal(text, &file); err != nil {
			f.Fatalf("%s: %v", path, err)
		}
		all = appendHex(all, file)
	}
	if len(all) == 0 {
		f.Fatal("no golden messages")
	}
	return all
}

func appendHex(all [][]byte, v any) [][]byte {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			all = appendHex(all, x)
		}
	case map[string]any:
		for k, x := range v {
			if text, ok := x.(string); ok && k == "hex" {
				b, _ := hex.DecodeString(text)
				all = append(all, b)
			}
			all = appendHex(all, x)
		}
	}
	return all
}

func addAll(f *testing.F, patterns ...string) {
	for _, p := range patterns {
		for _, b := range goldenHex(f, p) {
			f.Add(b)
		}
	}
}

func FuzzParseInput(f *testing.F) {
	addAll(f, "inputs.json", "lenient.json", "refused.json")
	fields := fullFields()
	f.Fuzz(func(t *testing.T, b []byte) {
		var in, again protocol.Input
		if protocol.ParseInput(b, fields, &in) != nil {
			return
		}
		for i, v := range in.Values[:len(fields)] {
			if v < fields[i].Min || v > fields[i].Max {
				t.Fatalf("field %d is %d", i, v)
			}
		}
		if err := protocol.ParseInput(protocol.AppendInput(nil, &in, fields), fields, &again); err != nil || again != in {
			t.Fatalf("%x is %+v, and again %+v, %v", b, in, again, err)
		}
		if protocol.IsControl(b) {
			t.Fatalf("%x is an input and a control message", b)
		}
	})
}

func FuzzParseClient(f *testing.F) { fuzzControl(f, protocol.ParseClient) }
func FuzzParseServer(f *testing.F) { fuzzControl(f, protocol.ParseServer) }

// fuzzControl: what is taken comes back when it is appended and parsed again.
func fuzzControl(f *testing.F, parse func([]byte) (protocol.Control, error)) {
	addAll(f, "control.json", "lenient.json", "refused.json", "social.json")
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parse(b)
		if err != nil {
			return
		}
		if !protocol.IsControl(b) {
			t.Fatalf("%x is not taken for a control message", b)
		}
		if j, ok := m.(protocol.Joined); ok {
			if _, err := j.Schema.Layout(); err != nil {
				return // a schema that makes no sense need not travel
			}
			_, _ = protocol.NewMirror(j.Schema, j.Seat.Index())
		}
		again, err := parse(protocol.Append(nil, m))
		if err != nil || !sameMessage(m, again) {
			t.Fatalf("%x is %+v, and again %+v, %v", b, m, again, err)
		}
	})
}

// sameMessage compares but for the names of hidden tables, which a server
// gives them.
func sameMessage(a, b protocol.Control) bool {
	j, ok := a.(protocol.Joined)
	if !ok {
		return reflect.DeepEqual(a, b)
	}
	again := b.(protocol.Joined)
	for i := range j.Schema.Tables {
		if j.Schema.Tables[i].Audience == game.Nobody {
			j.Schema.Tables[i] = again.Schema.Tables[i]
		}
	}
	return reflect.DeepEqual(a, b)
}

// FuzzMirrorFrame gives a client a good keyframe and delta, and then two
// frames of any kind.
func FuzzMirrorFrame(f *testing.F) {
	key, next := goldenHex(f, "frames_basics.json")[0], goldenHex(f, "frames_basics.json")[1]
	for _, b := range append(goldenHex(f, "frames_*.json"), goldenHex(f, "refused.json")...) {
		f.Add(b, next)
	}
	f.Fuzz(func(t *testing.T, b, c []byte) {
		m := mustMirror(t)
		if m.Frame(key) != nil || m.Frame(next) != nil {
			t.Fatal("the good frames are refused")
		}
		_, _ = m.Frame(b), m.Frame(c)
		checkSnapshot(t, m.Now())
	})
}

// checkSnapshot: no row lives beyond its table.
func checkSnapshot(t *testing.T, s *game.Snapshot) {
	t.Helper()
	for i, table := range s.Layout().Schema.Tables {
		n := 0
		for slot := s.Next(i, -1); slot >= 0; slot = s.Next(i, slot) {
			if n++; slot >= table.Capacity || !s.Layout().Shared(i) {
				t.Fatalf("a row in slot %d of table %d", slot, i)
			}
		}
		if n != s.Count(i) {
			t.Fatalf("table %d has %d rows, counts %d", i, n, s.Count(i))
		}
	}
}

// FuzzMirrorTables has any frame for a schema at the limits of masks.
func FuzzMirrorTables(f *testing.F) {
	for _, b := range goldenHex(f, "frames_slots.json") {
		f.Add(b, false)
	}
	for _, b := range goldenHex(f, "frames_columns.json") {
		f.Add(b, true)
	}
	f.Fuzz(func(t *testing.T, b []byte, columns bool) {
		schema, seat := crowd(), -1
		if columns {
			schema, seat = wide(), 3
		}
		m, err := protocol.NewMirror(schema, seat)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = m.Frame(b), m.Frame(b)
		checkSnapshot(t, m.Now())
	})
}

// FuzzParseEvents: they are told in order, and as they were if appended again.
func FuzzParseEvents(f *testing.F) {
	f.Add([]byte{0x92, 5, 1, 0x92, 6, 1}, uint32(6))
	f.Add([]byte{0x95, 0, 0, 1, 2, 3}, uint32(128))
	f.Fuzz(func(t *testing.T, b []byte, now uint32) {
		events, err := protocol.ParseEvents(b, game.Tick(now), duel(), nil)
		if err != nil {
			return
		}
		for i, e := range events {
			if e.Tick > game.Tick(now) || now-uint32(e.Tick) > 127 || i > 0 && e.Tick < events[i-1].Tick {
				t.Fatalf("at tick %d: %v", now, events)
			}
		}
		if len(events) == 0 {
			return
		}
		var again []byte
		for i := 0; i < len(events); {
			tick, segment := events[i].Tick, []game.Event(nil)
			for ; i < len(events) && events[i].Tick == tick; i++ {
				segment = append(segment, events[i].Event)
			}
			again = protocol.AppendEvents(again, tick, segment, duel(), 0)
		}
		if got, err := protocol.ParseEvents(again, game.Tick(now), duel(), nil); err != nil || !reflect.DeepEqual(got, events) {
			t.Fatalf("%v became %v, %v", events, got, err)
		}
	})
}

func FuzzOpenPass(f *testing.F) {
	key, now := []byte("key"), time.Unix(1_700_000_000, 0)
	good := protocol.Pass{Match: "m", Player: "p", Seat: 3, Expires: now.Add(time.Minute)}.Seal(key)
	f.Add(good)
	f.Add("")
	f.Add("....")
	f.Fuzz(func(t *testing.T, sealed string) {
		if p, err := protocol.OpenPass(key, sealed, now); err == nil && (sealed != good || p.Seal(key) != sealed) {
			t.Fatalf("%q opens: %+v", sealed, p)
		}
	})
}

func FuzzUnmarshal(f *testing.F) {
	f.Add(protocol.Marshal(protocol.Start{Match: "m", Mode: "arena", Seed: 1, Seats: []protocol.StartSeat{{Seat: 1}}}))
	f.Add(protocol.Marshal(protocol.Placed{URL: "u", Passes: []string{"a", "b"}}))
	f.Add(protocol.Marshal(keptThing{At: time.Unix(1<<33, 999), Data: []byte("d"), Of: map[string]int64{"a": 1}}))
	f.Add(protocol.Marshal(protocol.Ended{Match: "m", Result: game.Result{{Seat: 1, Rank: 1, Score: 3}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = protocol.Unmarshal(b, new(protocol.Start))
		_ = protocol.Unmarshal(b, new(protocol.Placed))
		_ = protocol.Unmarshal(b, new(protocol.Ended))
		_ = protocol.Unmarshal(b, new(keptThing))
	})
}

// keptThing has all that values have which are kept.
type keptThing struct {
	At    time.Time
	Data  []byte
	Text  string
	Of    map[string]int64
	Ratio float64
	More  []keptThing
}

func TestWhatIsKeptComesBack(t *testing.T) {
	big := bytes.Repeat([]byte("x"), 70_000)
	for _, at := range []time.Time{{}, time.Unix(1, 0), time.Unix(1<<33, 999), time.Unix(1<<40, 5)} {
		want := keptThing{at.UTC(), big, string(big), map[string]int64{"a": -1 << 60}, 0.1, []keptThing{{Text: "in"}}}
		var got keptThing
		if err := protocol.Unmarshal(protocol.Marshal(want), &got); err != nil {
			t.Fatalf("%v: %v", at, err)
		}
		if !got.At.Equal(want.At) || !bytes.Equal(got.Data, big) || got.Text != want.Text || got.Of["a"] != -1<<60 ||
			got.Ratio != 0.1 || len(got.More) != 1 || got.More[0].Text != "in" {
			t.Errorf("%v: got another", at)
		}
	}
}

// TestParsersAllocateLittle: no lie about a length or a count makes a parser
// allocate more than a small multiple of what came in.
func TestParsersAllocateLittle(t *testing.T) {
	long := bytes.Repeat([]byte{0x90}, 4000)
	m := mustMirror(t)
	for name, parse := range map[string]func(b []byte){
		"client": func(b []byte) { _, _ = protocol.ParseClient(b) },
		"server": func(b []byte) { _, _ = protocol.ParseServer(b) },
		"input":  func(b []byte) { _ = protocol.ParseInput(b, fullFields(), new(protocol.Input)) },
		"frame":  func(b []byte) { _ = m.Frame(b) },
		"start":  func(b []byte) { _ = protocol.Unmarshal(b, new(protocol.Start)) },
		"ended":  func(b []byte) { _ = protocol.Unmarshal(b, new(protocol.Ended)) },
		"events": func(b []byte) { _, _ = protocol.ParseEvents(b, 5, duel(), nil) },
	} {
		for _, lie := range []string{"dd7fffffff", "ddffffffff", "dcffff", "95ffdaffff", "95ffdb7fffffff", "95ffa0dbffffffff", "95ffa0a0dd7fffffff",
			"9af9a16d010000a16d1e0593dd7fffffff", "9af9a16d010000a16d1e0593dcffff", "92f8dcffff", "92f8dd0000ffff", "94f7a0a0dd7fffffff",
			"97fba0010200" + "00dc0400", "96010500000092010c95050190dcffff", "960105000000dcffff", "960105000000c0c6ffffffff",
			"91", "9f", "9ffc01c6ffffffff", "9ffc01dbffffffff", "9ffc01dfffffffff", "9ffc01c9ffffffff01",
			"81a55365617473dd7fffffff", "81a55365617473dcffff", "81a6526573756c74dd7fffffff", "81a44d6f6465db7fffffff", "df7fffffff", "81a0df7fffffff"} {
			b := append(unhex(t, lie), long...)
			got := allocated(func() func() { return func() { parse(b) } })
			if got > 64*uint64(len(b)) {
				t.Errorf("%s %s…: %d bytes for a message of %d", name, lie, got, len(b))
			}
		}
	}
}

// TestSlotsAreCounted: a mask names no slot beyond the table, and no more of
// them than there are residuals, which would cost 64 bytes for each of its own.
func TestSlotsAreCounted(t *testing.T) {
	m, err := protocol.NewMirror(crowd(), -1)
	if err != nil {
		t.Fatal(err)
	}
	const key, head = "960100000000c09500019090" + "90", "960001010000c0"
	if err := m.Frame(unhex(t, key)); err != nil {
		t.Fatal(err)
	}
	all := strings.Repeat("ff", 512)
	for what, body := range map[string]string{
		"slot 100 of 100":         "93" + "9301" + "c40d" + strings.Repeat("00", 12) + "10" + "02" + "9090",
		"a mask of too many":      "93" + "9301" + "c40e" + "01" + strings.Repeat("00", 13) + "02" + "9090",
		"slot 65 of 65":           "93" + "9310" + "c409" + strings.Repeat("00", 8) + "02" + "02" + "9090",
		"slots without residuals": "93" + "9340" + "c50200" + all + "02" + "9090",
		"slots of 64 without":     "93" + "9304" + "cf" + all[:16] + "02" + "9090",
	} {
		b := unhex(t, head+body)
		if err := m.Frame(b); !errors.Is(err, protocol.ErrMalformed) {
			t.Errorf("%s: %v", what, err)
		}
		got := allocated(func() func() {
			fresh, _ := protocol.NewMirror(crowd(), -1)
			_ = fresh.Frame(unhex(t, key))
			return func() { _ = fresh.Frame(b) }
		})
		if got > 16*uint64(len(b)) {
			t.Errorf("%s: %d bytes for a message of %d", what, got, len(b))
		}
	}
	if err := m.Frame(unhex(t, head+"93"+"9301"+"c40d"+strings.Repeat("00", 12)+"08"+"02"+"9090")); err != nil {
		t.Errorf("slot 99 of 100: %v", err)
	}
}

// allocated is what a function allocates, in bytes: the least of some runs, each
// prepared anew, for what else runs in the process is counted too.
func allocated(prepare func() func()) uint64 {
	least := uint64(math.MaxUint64)
	for range 5 {
		f := prepare()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

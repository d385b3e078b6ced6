package protocol_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// The golden vectors are this protocol's promise, for Go and TypeScript alike;
// testdata/README.md describes them. They are written anew by
//
//	go test ./protocol -run Golden -update
//
// and a change of what is in them is a change of the protocol.

var update = flag.Bool("update", false, "rewrite the golden files")

// goldenFrames is what one client is sent, and what it then holds.
type goldenFrames struct {
	About  string        `json:"about"`
	Joined string        `json:"joined"`
	Schema goldenSchema  `json:"schema"`
	Seat   int           `json:"seat"`
	Frames []goldenFrame `json:"frames"`
}

type goldenFrame struct {
	Note   string        `json:"note,omitempty"`
	Hex    string        `json:"hex"`
	Head   goldenHead    `json:"head"`
	Tick   game.Tick     `json:"tick"`
	Epoch  uint32        `json:"epoch"`
	Rows   [][]int32     `json:"rows"`
	Own    []int32       `json:"own"`
	Events []goldenEvent `json:"events"`
	Hash   uint32        `json:"hash"`
	Cells  []goldenCell  `json:"cells,omitempty"`
}

// goldenCell is what a client holds of a cell.
type goldenCell struct {
	Cell game.CellID `json:"cell"`
	Rows [][]int32   `json:"rows"` // table, slot, generation, values
	Hash uint32      `json:"hash"`
}

type goldenHead struct {
	Kind  protocol.Kind `json:"kind"`
	Tick  uint8         `json:"tick"`
	Age   uint8         `json:"age"`
	Ack   uint8         `json:"ack"`
	Slack int8          `json:"slack"`
	Own   [][2]int32    `json:"own"` // column, by
	Hash  *uint32       `json:"hash"`
}

type goldenEvent struct {
	Tick game.Tick `json:"tick"`
	Kind uint8     `json:"kind"`
	Args []int32   `json:"args"`
}

type goldenSchema struct {
	Tables []goldenTable `json:"tables"`
	Inputs []goldenField `json:"inputs"`
	Events []goldenKind  `json:"events"`
	Space  *goldenSpace  `json:"space,omitempty"`
}

type goldenSpace struct {
	Width  int32 `json:"width"`
	Height int32 `json:"height"`
	Cell   int32 `json:"cell"`
	Reach  int32 `json:"reach"`
	Rate   int   `json:"rate"`
}

type goldenTable struct {
	Name     string         `json:"name"`
	Capacity int            `json:"capacity"`
	Audience game.Audience  `json:"audience"`
	Columns  []goldenColumn `json:"columns"`
}

type goldenColumn struct {
	Name   string    `json:"name"`
	Linear bool      `json:"linear"`
	Tick   bool      `json:"tick"`
	Axis   game.Axis `json:"axis,omitempty"`
}

type goldenField struct {
	Name string `json:"name"`
	Min  int32  `json:"min"`
	Max  int32  `json:"max"`
	Bits bool   `json:"bits"`
	Keep bool   `json:"keep"`
}

type goldenKind struct {
	Name string   `json:"name"`
	Args []string `json:"args"`
}

// schemaJSON is the schema as a client knows it: hidden tables have neither
// name nor columns.
func schemaJSON(s *game.Schema) goldenSchema {
	g := goldenSchema{Tables: []goldenTable{}, Inputs: fieldsJSON(s.Inputs), Events: []goldenKind{}, Space: (*goldenSpace)(s.Space)}
	for _, t := range s.Tables {
		gt := goldenTable{t.Name, t.Capacity, t.Audience, []goldenColumn{}}
		for _, c := range t.Columns {
			gt.Columns = append(gt.Columns, goldenColumn(c))
		}
		g.Tables = append(g.Tables, gt)
	}
	for _, e := range s.Events {
		g.Events = append(g.Events, goldenKind{e.Name, append([]string{}, e.Args...)})
	}
	return g
}

func fieldsJSON(fields []game.Field) []goldenField {
	g := []goldenField{}
	for _, f := range fields {
		g = append(g, goldenField(f))
	}
	return g
}

// A tape records what a link is sent.
type tape struct {
	*link
	file goldenFrames
}

func (l *link) tape(about string) *tape {
	joined := protocol.Append(nil, protocol.Joined{Match: "m", Epoch: 1, Seat: game.Seat(max(l.seat, 0)),
		Mode: "golden", Hz: 30, Tick: l.now().Tick, Schema: l.schema})
	m, err := protocol.ParseServer(joined)
	if err != nil {
		l.t.Fatal(err)
	}
	return &tape{l, goldenFrames{About: about, Joined: hex.EncodeToString(joined),
		Schema: schemaJSON(m.(protocol.Joined).Schema), Seat: l.seat}}
}

// send sends a frame and records it with the state that it led to.
func (r *tape) send(note string) {
	r.t.Helper()
	r.record(note, r.link.send())
}

func (r *tape) record(note string, frame []byte) {
	r.t.Helper()
	m := r.mirror
	want := r.now().Hash(r.view)
	if got := m.Now().Hash(game.Whole); got != want || m.Desyncs > 0 {
		r.t.Fatalf("%s, %s: the mirror holds another state than the server", r.file.About, note)
	}
	f := goldenFrame{Note: note, Hex: hex.EncodeToString(frame), Head: headJSON(m.Head()), Tick: m.Now().Tick,
		Epoch: m.Epoch(), Rows: append([][]int32{}, rows(m.Now())...), Own: append([]int32{}, own(m.Now(), r.seat)...),
		Events: []goldenEvent{}, Hash: want, Cells: cellsJSON(m)}
	for _, e := range m.Events() {
		args := e.Args[:len(r.schema.Events[e.Kind].Args)]
		f.Events = append(f.Events, goldenEvent{e.Tick, e.Kind, append([]int32{}, args...)})
	}
	r.file.Frames = append(r.file.Frames, f)
}

func cellsJSON(m *protocol.Mirror) (all []goldenCell) {
	if m.Sight() == nil {
		return nil
	}
	for cell := range game.CellID(m.Layout().Space().Cells()) {
		if c := m.Sight().Cell(cell); c != nil {
			all = append(all, goldenCell{cell, append([][]int32{}, cellRows(c)...), c.Hash()})
		}
	}
	return all
}

// cellRows lists what is held of a cell: table, slot, generation, values.
func cellRows(c *game.CellRows) (all [][]int32) {
	for i, r := range c.Rows() {
		all = append(all, append([]int32{int32(r.Table), int32(r.Slot), int32(r.Gen)}, c.Values(i)...))
	}
	return all
}

func headJSON(h *protocol.Head) goldenHead {
	g := goldenHead{Kind: h.Kind, Tick: h.Tick, Age: h.Age, Ack: h.Ack, Slack: h.Slack, Own: [][2]int32{}}
	by := h.Own
	for c := range int32(64) {
		if h.OwnMask>>c&1 != 0 {
			g.Own = append(g.Own, [2]int32{c, by[0]})
			by = by[1:]
		}
	}
	if h.Kind&protocol.Hashed != 0 {
		hash := h.Hash
		g.Hash = &hash
	}
	return g
}

// compareGolden compares v with a golden file, or writes it.
func compareGolden(t *testing.T, name string, v any) {
	t.Helper()
	got := layOut(t, v)
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what the code now makes, in line %d; if the protocol was meant to change, run with -update",
			path, firstDifference(got, want))
	}
}

func firstDifference(a, b []byte) int {
	as, bs := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return i + 1
		}
	}
	return min(len(as), len(bs)) + 1
}

// layOut turns a struct into JSON with a line for each field, and for each
// element of a field that is a slice: for people, and for diffs.
func layOut(t *testing.T, v any) []byte {
	t.Helper()
	var fields []string
	r := reflect.ValueOf(v)
	for i := range r.NumField() {
		value := oneLine(t, r.Field(i).Interface())
		if f := r.Field(i); f.Kind() == reflect.Slice && f.Len() > 0 {
			var elements []string
			for j := range f.Len() {
				elements = append(elements, "    "+oneLine(t, f.Index(j).Interface()))
			}
			value = "[\n" + strings.Join(elements, ",\n") + "\n  ]"
		}
		fields = append(fields, `  "`+r.Type().Field(i).Tag.Get("json")+`": `+value)
	}
	return []byte("{\n" + strings.Join(fields, ",\n") + "\n}\n")
}

func oneLine(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

package version

import (
	"errors"
	"net/http"
	"testing"

	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/bus/bustest"
)

func TestMain(m *testing.M) { bustest.Main(m) }

func header(name, value string) http.Header { return http.Header{name: {value}} }

func mustOpen(t *testing.T, node *bus.Node, least map[string]string) *Gate {
	t.Helper()
	g, err := Open(t.Context(), node, least)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestCheck(t *testing.T) {
	g := mustOpen(t, bustest.Node(t), map[string]string{"main": "1.4.2"})
	for said, want := range map[string]error{
		"1.4.2": nil, "1.4.2.0": nil, "1.4.3": nil, "1.10": nil, "2": nil, "1.4.2.1": nil, "01.4.2": nil,
		"1.4.1": ErrUpdate, "1.4": ErrUpdate, "1.3.99": ErrUpdate, "0.9": ErrUpdate, "": ErrUpdate, "x": ErrUpdate, "1.4.2-beta": ErrUpdate,
		"-1": ErrUpdate, "1..4": ErrUpdate, "1.4.2.0.0": ErrUpdate, "4294967296": ErrUpdate, "99999999999999999999": ErrUpdate, " 2": ErrUpdate,
	} {
		for _, h := range []http.Header{header(Header, said), header("Sec-Websocket-Protocol", "muster.v1, "+Subprotocol+said+", bearer.x")} {
			if said == " 2" && h.Get(Header) == "" {
				continue // white space between subprotocols is none of theirs
			}
			if got := g.Check("main", h); !errors.Is(got, want) {
				t.Errorf("%q in %v: got %v, want %v", said, h, got, want)
			}
		}
	}
	if err := g.Check("chess", http.Header{}); err != nil {
		t.Errorf("another game: %v", err)
	}
}

// TestSetLeast: what was set holds from then on, over restarts too, whatever the
// config says.
func TestSetLeast(t *testing.T) {
	node := bustest.Node(t)
	for i, v := range []string{"2.0", "3", ""} {
		g := mustOpen(t, node, map[string]string{"main": "1"})
		if err := g.SetLeast(t.Context(), "main", v); err != nil || g.Least("main") != v {
			t.Errorf("%d: %v, least %q", i, err, g.Least("main"))
		}
		if again := mustOpen(t, node, map[string]string{"main": "1", "chess": "7"}); again.Least("main") != v || again.Least("chess") != "7" {
			t.Errorf("%d: after a restart %q and %q", i, again.Least("main"), again.Least("chess"))
		}
	}
	g := mustOpen(t, node, nil)
	for _, wrong := range []string{"x", "1.2.3.4.5", "1.-2", ".", "1."} {
		if err := g.SetLeast(t.Context(), "main", wrong); !errors.Is(err, ErrVersion) {
			t.Errorf("%q: %v", wrong, err)
		}
		if _, err := Open(t.Context(), node, map[string]string{"main": wrong}); !errors.Is(err, ErrVersion) {
			t.Errorf("%q in the config: %v", wrong, err)
		}
	}
}

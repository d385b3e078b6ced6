package cmd

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/musterhq/muster/protocol/client"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// beside are what is asked for on the public port beside its routes: the page,
// and what must not be there.
var beside = []string{
	"GET /", "HEAD /", "POST /", "GET /play/short", "POST /play/short", "GET /index.html", "GET /dist/index.html", "GET /assets/", "GET /assets/none.js",
	"GET /metrics", "GET /debug/pprof/", "GET /debug/pprof/heap", "GET /debug/vars", "GET /admin", "GET /admin/", "GET /console",
	"GET /v1", "GET /v1/", "GET /v1/nothing", "GET /v1/matches", "GET /v1/players", "GET /v2/modes", "GET //v1/modes", "GET /V1/modes",
	"GET /v1/modes/", "GET /v1/../metrics", "GET //evil.example/..", `GET /\evil.example/x/..`, "GET /v1/tickets/../../metrics", "GET /v1/tickets", "GET /v1/tickets/", "GET /v1/login/guest",
	"GET /.git/config", "GET /.env", "GET /%2e%2e/go.mod", "GET /../go.mod", "GET /favicon.ico",
	"OPTIONS /v1/tickets", "OPTIONS *", "TRACE /", "TRACE /v1/modes", "PATCH /v1/modes", "PUT /v1/tickets/x", "POST /v1/socket", "CONNECT /v1/socket",
}

// TestPublicRoutes holds all that the public port answers without a token to
// testdata/routes.golden. A new line there is a new thing that strangers reach:
// look at it, then run the test with -update.
func TestPublicRoutes(t *testing.T) {
	s := mustServer(t, Config{Beat: true, Admin: "127.0.0.1:0"}, short(1))
	var lines []string
	for _, route := range append(routesOf(t, s), beside...) {
		lines = append(lines, route+" "+answerTo(t, s, route))
	}
	got := strings.Join(lines, "\n") + "\n"
	golden := filepath.Join("testdata", "routes.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(want), "\n") {
		if have := strings.Split(got, "\n"); i >= len(have) || have[i] != line {
			t.Fatalf("line %d: got %q, want %q", i+1, have[min(i, len(have)-1)], line)
		}
	}
	if len(got) != len(want) {
		t.Error("more is answered than the golden file has")
	}
}

// routesOf asks the router for all its routes, whoever has registered them. It
// is gin's, which is not ours to know here, so by reflection.
func routesOf(t *testing.T, s *Server) (all []string) {
	t.Helper()
	m := reflect.ValueOf(s.public.Handler).MethodByName("Routes")
	if !m.IsValid() {
		t.Fatal("the public handler does not tell its routes")
	}
	routes := m.Call(nil)[0]
	for i := range routes.Len() {
		r := routes.Index(i)
		all = append(all, r.FieldByName("Method").String()+" "+r.FieldByName("Path").String())
	}
	slices.Sort(all)
	return all
}

// answerTo is the status of the answer to a route, and the code of a problem.
func answerTo(t *testing.T, s *Server, route string) string {
	t.Helper()
	p, err := dial(s.players.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	method, path, _ := strings.Cut(strings.ReplaceAll(route, ":id", "x"), " ")
	if method == "HEAD" {
		return p.head(t, path)
	}
	status, header, body, err := p.ask(request(method, path, ""))
	if err != nil {
		t.Fatalf("%s: %v", route, err)
	}
	var problem client.Problem
	_ = json.Unmarshal([]byte(body), &problem) // a page is none
	return strings.TrimSpace(fmt.Sprint(status, " ", problem.Code, header.Get("Location")))
}

// head asks for a head; no body follows, whatever its length is said to be.
func (p *peer) head(t *testing.T, path string) string {
	t.Helper()
	if _, err := p.Write([]byte(request("HEAD", path, ""))); err != nil {
		t.Fatal(err)
	}
	line, err := p.br.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(line)[1]
}

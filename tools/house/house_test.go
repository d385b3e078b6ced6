package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/musterhq/muster"

// arrows are the packages of the house, each with those it stands upon. It may
// import them and whatever they stand upon. A package that is not here does
// not belong; give it a place first.
var arrows = map[string][]string{
	"cmd/muster":                 {"cmd", "game/arena", "game/swarm"},
	"cmd":                        {"lobby/rooms", "lobby/api", "match", "tools/web"},
	"lobby/api":                  {"lobby", "lobby/account", "lobby/career", "lobby/hooks", "lobby/mail", "lobby/saves", "lobby/social", "lobby/version"},
	"lobby":                      {"lobby/board", "lobby/group", "lobby/store", "protocol/bus", "protocol/socket"},
	"lobby/board":                {"lobby/pack", "protocol"},
	"lobby/store":                {"lobby/group", "protocol"},
	"lobby/career":               {"lobby/board", "lobby/pack", "lobby/rating", "protocol/bus"},
	"lobby/group":                {},
	"lobby/grouptest":            {"lobby/group"},
	"lobby/rating":               {},
	"lobby/pack":                 {},
	"lobby/social":               {"lobby/store", "protocol/bus"},
	"lobby/rooms":                {"lobby/social", "protocol/socket"},
	"lobby/account":              {"protocol/bus"},
	"lobby/oidctest":             {},
	"lobby/mail":                 {"protocol/bus"},
	"lobby/saves":                {"protocol/bus"},
	"lobby/version":              {"protocol/bus"},
	"lobby/hooks":                {"protocol/bus"},
	"match":                      {"protocol/bus", "protocol/socket"},
	"tools/bots":                 {"lobby/group", "lobby/rating", "protocol/client", "protocol/link", "game/arena", "game/swarm"},
	"tools/bench":                {"protocol/client", "protocol/socket", "game/arena", "game/swarm"},
	"tools/web":                  {},
	"tools/house":                {},
	"protocol/client":            {"protocol"},
	"protocol/socket":            {"protocol"},
	"protocol/bus":               {"protocol"},
	"protocol/bus/bustest":       {"protocol/bus"},
	"protocol/link":              {},
	"protocol/socket/sockettest": {},
	"protocol":                   {"game"},
	"game/arena":                 {"game"},
	"game/swarm":                 {"game"},
	"game/gametest":              {"game"},
	"game":                       {},
}

// homes are the packages that may know an outside dependency.
var homes = map[string][]string{
	"github.com/gin-gonic/gin":            {"lobby/api"},
	"github.com/lxzan/gws":                {"protocol/socket", "protocol/client", "tools/bench"},
	"github.com/vmihailenco/msgpack/v5":   {"protocol"},
	"github.com/hashicorp/go-memdb":       {"lobby/store"},
	"github.com/nats-io/nats-server/v2":   {"protocol/bus"},
	"github.com/nats-io/nats.go":          {"protocol/bus"},
	"github.com/golang-jwt/jwt/v5":        {"lobby/account", "lobby/oidctest"},
	"github.com/coreos/go-oidc/v3":        {"lobby/account"},
	"github.com/rivo/uniseg":              {"lobby/account"},
	"golang.org/x/crypto":                 {"lobby/account"},
	"golang.org/x/oauth2":                 {"lobby/account"},
	"golang.org/x/text":                   {"lobby/account"},
	"github.com/prometheus/client_golang": {"cmd"},
	"gonum.org/v1/plot":                   {"tools/bench", "tools/bots"},
	"charm.land/bubbletea/v2":             {"tools/bots"},
	"charm.land/lipgloss/v2":              {"tools/bots"},
	"github.com/mattn/go-isatty":          {"tools/bots"},
	"golang.org/x/time":                   {"lobby/api"},
	"github.com/goccy/go-yaml":            {"lobby/api"},
	"golang.org/x/sys":                    {"tools/bench", "match"}, // match: of its benchmarks
	"go.uber.org/goleak":                  nil,                      // tests, anywhere

	"github.com/santhosh-tekuri/jsonschema/v6": {"lobby/api"}, // of its tests
}

// top is what lies at the root.
var top = []string{".ci", ".git", ".gitignore", "cmd", "lobby", "match", "game", "protocol", "tools", "go.mod", "go.sum", "Makefile", "README.md", "LICENSE"}

// A source is one Go file of the module.
type source struct {
	path string // from the root, with slashes
	pkg  string // its directory
	test bool
	*ast.File
}

func (s *source) imports() (all []string) {
	for _, i := range s.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		all = append(all, p)
	}
	return all
}

// house reads all Go files of the module.
func house(t *testing.T) (root string, files []*source, set *token.FileSet) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	set = token.NewFileSet()
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(p) != ".go" {
			return nil
		}
		f, err := parser.ParseFile(set, p, nil, parser.ParseComments)
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		test := strings.HasSuffix(rel, "_test.go") || strings.HasSuffix(path.Dir(rel), "test")
		files = append(files, &source{rel, path.Dir(rel), test, f})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found %d Go files under %s: is this the root?", len(files), root)
	}
	return root, files, set
}

// reach is all that a package stands upon.
func reach(pkg string) map[string]bool {
	all := map[string]bool{}
	var walk func(string)
	walk = func(p string) {
		for _, below := range arrows[p] {
			all[below] = true
			walk(below)
		}
	}
	walk(pkg)
	return all
}

// TestArrows: imports point down. Tests may borrow from elsewhere, but game
// knows nobody besides what is there for games' tests, and lobby and match
// never know each other.
func TestArrows(t *testing.T) {
	_, files, _ := house(t)
	there := map[string]bool{}
	for _, f := range files {
		there[f.pkg] = true
		if _, ok := arrows[f.pkg]; !ok {
			t.Errorf("%s: package %s has no place in the house", f.path, f.pkg)
			continue
		}
		below := reach(f.pkg)
		for _, p := range f.imports() {
			to, ours := strings.CutPrefix(p, module+"/")
			if !ours || below[to] || f.test && (to == f.pkg || borrows(f.pkg, to)) {
				continue
			}
			t.Errorf("%s: %s may not import %s", f.path, f.pkg, to)
		}
	}
	for pkg := range arrows {
		if !there[pkg] {
			t.Errorf("package %s has a place in the house and is not there", pkg)
		}
	}
}

// borrows says whether tests of a package may use one it does not stand upon.
func borrows(pkg, to string) bool {
	side := func(p string) string { first, _, _ := strings.Cut(p, "/"); return first }
	apart := side(pkg) == "lobby" && side(to) == "match" || side(pkg) == "match" && side(to) == "lobby"
	return !apart && side(pkg) != "game" || to == "game/gametest"
}

func TestArrowsPointDown(t *testing.T) {
	for p := range arrows {
		if reach(p)[p] {
			t.Errorf("%s stands upon itself", p)
		}
	}
	if reach("lobby")["match"] || reach("match")["lobby"] {
		t.Error("lobby and match know each other")
	}
}

// TestMap: README's map of the code names every package but those of tests.
func TestMap(t *testing.T) {
	root, _, _ := house(t)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range arrows {
		if !strings.HasSuffix(pkg, "test") && !strings.Contains(string(readme), "`"+pkg+"`") {
			t.Errorf("README does not say what %s is", pkg)
		}
	}
}

// TestHomes: each outside dependency has one home.
func TestHomes(t *testing.T) {
	_, files, _ := house(t)
	used := map[string]bool{}
	for _, f := range files {
		for _, p := range f.imports() {
			first, _, _ := strings.Cut(p, "/")
			if !strings.Contains(first, ".") || strings.HasPrefix(p, module+"/") {
				continue
			}
			if dep, ok := homeOf(p); !ok {
				t.Errorf("%s: %s has no home", f.path, p)
			} else if !slices.Contains(homes[dep], f.pkg) && (homes[dep] != nil || !f.test) {
				t.Errorf("%s: %s is at home in %v only", f.path, p, homes[dep])
			} else {
				used[dep+" "+f.pkg] = true
			}
		}
	}
	for dep, pkgs := range homes {
		for _, pkg := range pkgs {
			if !used[dep+" "+pkg] {
				t.Errorf("%s does not use its %s", pkg, dep)
			}
		}
	}
}

func homeOf(p string) (dep string, ok bool) {
	for dep := range homes {
		if p == dep || strings.HasPrefix(p, dep+"/") {
			return dep, true
		}
	}
	return "", false
}

// TestDocs: every package says in a sentence what it is.
func TestDocs(t *testing.T) {
	_, files, _ := house(t)
	said := map[string]bool{}
	for _, f := range files {
		if f.test {
			continue
		}
		want := "Package " + f.Name.Name + " "
		if f.Name.Name == "main" {
			want = "Command "
		}
		doc := f.Doc.Text()
		said[f.pkg] = said[f.pkg] || strings.HasPrefix(doc, want) && strings.Contains(doc, ".")
	}
	for pkg, ok := range said {
		if !ok {
			t.Errorf("package %s has no doc sentence", pkg)
		}
	}
}

func TestTop(t *testing.T) {
	root, _, _ := house(t)
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(top, e.Name()) {
			t.Errorf("%s does not belong at the root", e.Name())
		}
	}
}

// TestNoSleep: tests wait for what they wait for, or run in fake time, where
// to sleep is to turn the clock. Benchmarks may keep time.
func TestNoSleep(t *testing.T) {
	_, files, set := house(t)
	for _, f := range files {
		if !f.test || strings.HasSuffix(f.path, "bench_test.go") || slices.Contains(f.imports(), "testing/synctest") {
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && isSelector(s, "time", "Sleep") {
				t.Errorf("%s: a test that sleeps", set.Position(n.Pos()))
			}
			return true
		})
	}
}

func isSelector(s *ast.SelectorExpr, pkg, name string) bool {
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == pkg && (name == "" || s.Sel.Name == name)
}

package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
	"testing"
)

// What game and the packages below it may use of the standard library: nothing
// that reads, waits, or differs from run to run.
var pureImports = []string{"bytes", "cmp", "embed", "encoding/binary", "errors", "fmt", "math", "math/bits", "slices", "sort", "strconv", "strings", "time"}

// pureTime is what game may use of time: amounts, and no clock.
var pureTime = []string{"Duration", "Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour"}

// TestGameIsPure: the rules and what carries them give the same on every run
// and every machine.
func TestGameIsPure(t *testing.T) {
	_, files, set := house(t)
	c := newChecker(set, files)
	for _, f := range files {
		if !f.test && (f.pkg == "game" || strings.HasPrefix(f.pkg, "game/")) {
			c.check(f)
		}
	}
	for _, what := range c.found {
		t.Error(what)
	}
}

// TestImpureIsFound tries the checker on a package that has it all.
func TestImpureIsFound(t *testing.T) {
	const text = `package bad
import ("math"; "math/rand"; "time")
type table map[int]int
type rules struct{ t table }
func (r rules) rows() table { return r.t }
func f(r rules, xs []int32) {
	go f(r, xs)
	for range r.rows() { x := 1.5; _ = x }
	for k := range r.t { _ = k }
	for range xs { _ = float64(xs[0]) }
	_ = time.Now()
	var d time.Duration = time.Second
	_, _, _ = math.MaxInt32, math.Sqrt, d
	var c chan int
	select { case <-c: }
	_ = rand.Int()
}`
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, "bad.go", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	files := []*source{{path: "game/bad/bad.go", pkg: "game/bad", File: f}}
	c := newChecker(set, files)
	c.check(files[0])
	var got []string
	for _, what := range c.found {
		_, what, _ = strings.Cut(what, " ")
		got = append(got, what)
	}
	want := []string{"imports math/rand", "a goroutine", "the order of a map", "a float", "the order of a map", "a float",
		"a clock", "a float", "a channel", "a channel"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", c.found, want)
	}
}

// A checker finds impure things, and the types of what is ranged over. It
// imports our packages from source and takes the standard library's as empty,
// which leaves the types of what comes from there unknown.
type checker struct {
	set   *token.FileSet
	files map[string][]*ast.File // by package
	done  map[string]*types.Package
	types map[ast.Expr]types.TypeAndValue
	found []string
}

func newChecker(set *token.FileSet, files []*source) *checker {
	c := &checker{set: set, files: map[string][]*ast.File{}, done: map[string]*types.Package{}, types: map[ast.Expr]types.TypeAndValue{}}
	for _, f := range files {
		if !f.test {
			c.files[f.pkg] = append(c.files[f.pkg], f.File)
		}
	}
	return c
}

func (c *checker) check(f *source) {
	for i, p := range f.imports() {
		if !strings.HasPrefix(p, module) && !slices.Contains(pureImports, p) {
			c.add(f.Imports[i], "imports "+p)
		}
	}
	_, _ = c.Import(path.Join(module, f.pkg)) // for the types
	ast.Inspect(f.File, c.inspect)
}

func (c *checker) Import(p string) (*types.Package, error) {
	if pkg := c.done[p]; pkg != nil {
		return pkg, nil
	}
	pkg := types.NewPackage(p, path.Base(p))
	if ours, ok := strings.CutPrefix(p, module+"/"); ok {
		conf := types.Config{Importer: c, Error: func(error) {}}
		pkg, _ = conf.Check(p, c.set, c.files[ours], &types.Info{Types: c.types})
	}
	pkg.MarkComplete()
	c.done[p] = pkg
	return pkg, nil
}

func (c *checker) inspect(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GoStmt:
		c.add(n, "a goroutine")
	case *ast.SelectStmt, *ast.ChanType:
		c.add(n, "a channel")
	case *ast.BasicLit:
		if n.Kind == token.FLOAT || n.Kind == token.IMAG {
			c.add(n, "a float")
		}
	case *ast.Ident:
		if slices.Contains([]string{"float32", "float64", "complex64", "complex128"}, n.Name) {
			c.add(n, "a float")
		}
	case *ast.SelectorExpr:
		c.selector(n)
	case *ast.RangeStmt:
		if t := c.types[n.X].Type; t != nil && isMap(t) {
			c.add(n, "the order of a map")
		}
	}
	return true
}

func (c *checker) selector(s *ast.SelectorExpr) {
	switch {
	case isSelector(s, "time", "") && !slices.Contains(pureTime, s.Sel.Name):
		c.add(s, "a clock")
	case isSelector(s, "math", "") && !strings.HasPrefix(s.Sel.Name, "MaxInt") && !strings.HasPrefix(s.Sel.Name, "MinInt") &&
		!strings.HasPrefix(s.Sel.Name, "MaxUint"):
		c.add(s, "a float")
	}
}

func (c *checker) add(n ast.Node, what string) {
	c.found = append(c.found, c.set.Position(n.Pos()).String()+": "+what)
}

func isMap(t types.Type) bool {
	_, ok := t.Underlying().(*types.Map)
	return ok
}

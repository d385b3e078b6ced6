package api

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// faults are where document, routes and refusals do not say the same.
func faults(k *contract, a *api, codes map[string]int) (all []string) {
	all = append(all, k.shapeFaults()...)
	all = append(all, k.routeFaults(a)...)
	all = append(all, k.codeFaults(codes)...)
	all = append(all, k.responseFaults()...)
	all = append(all, k.referenceFaults()...)
	slices.Sort(all)
	return slices.Compact(all)
}

// theShape is that of an OpenAPI document.
var theShape = sync.OnceValue(func() *jsonschema.Schema {
	source, err := os.ReadFile("testdata/openapi-3.1.schema.yaml")
	if err == nil {
		source, err = yaml.YAMLToJSON(source)
	}
	if err != nil {
		panic(err)
	}
	shape, _ := jsonschema.UnmarshalJSON(bytes.NewReader(source))
	c := jsonschema.NewCompiler()
	_ = c.AddResource("muster:shape", shape)
	return c.MustCompile("muster:shape")
})

func (k *contract) shapeFaults() (all []string) {
	if err := theShape().Validate(k.root); err != nil {
		all = append(all, "it is no OpenAPI 3.1 document: "+err.Error())
	}
	for name := range k.components("schemas") {
		if err := k.compiles(pointer("", "components", "schemas", name)); err != nil {
			all = append(all, "schemas/"+name+": "+err.Error())
		}
	}
	return all
}

func (k *contract) components(kind string) map[string]any {
	all, _ := dig(k.root, "components", kind).(map[string]any)
	return all
}

func (k *contract) compiles(at string) error {
	_, wrong := k.validate(at, nil).(*jsonschema.SchemaValidationError)
	if wrong {
		return fmt.Errorf("no schema")
	}
	return nil
}

// routeFaults walks the routes and the document, both ways.
func (k *contract) routeFaults(a *api) (all []string) {
	served, listed := map[string]bool{}, map[string]route{}
	for _, r := range a.table {
		listed[r.method+" "+r.path] = r
	}
	for _, r := range a.engine.Routes() {
		if _, ok := listed[r.Method+" "+r.Path]; !ok {
			all = append(all, r.Method+" "+r.Path+": not served through api.serve")
		}
	}
	for _, r := range a.table {
		path, method := openPath(r.path), strings.ToLower(r.method)
		if r.method == "HEAD" {
			method = "get"
		}
		name := r.method + " " + path
		served[name] = true
		o := k.operations[path][method]
		if o == nil {
			all = append(all, name+": a route without a path")
			continue
		}
		all = append(all, stepFaults(name, r, o)...)
	}
	for _, methods := range k.operations {
		for _, o := range methods {
			if !served[o.name()] {
				all = append(all, o.name()+": a path without a route")
			}
		}
	}
	return all
}

// stepFaults are what a route's steps do and its operation does not say.
func stepFaults(name string, r route, o *op) (all []string) {
	needs := []error{errInternal}
	token, body := false, false
	for _, s := range r.steps {
		needs = append(needs, s.refuses...)
		token, body = token || s.token, body || s.body
	}
	for _, err := range needs {
		if r := refusalOf(err); !slices.Contains(o.answers, result{r.status, r.code}) {
			all = append(all, name+": "+r.code+" is not listed")
		}
	}
	security, said := o.def["security"].([]any)
	if !said || token != (len(security) > 0) {
		all = append(all, name+": a token is needed, or is not, unlike security says")
	}
	if body != (o.def["requestBody"] != nil) {
		all = append(all, name+": a body is read, or is not, unlike requestBody says")
	}
	return all
}

// codeFaults compares the codes in the document with those in the source.
// That a route answers nothing that is not listed for it, each answer in the
// tests shows; that it answers all that is, TestMain.
func (k *contract) codeFaults(codes map[string]int) (all []string) {
	answered, explained := map[string]bool{}, map[string]bool{}
	note := func(name, code string, status int) {
		answered[code] = true
		if want, ok := codes[code]; !ok {
			all = append(all, name+": "+code+" is no code of ours")
		} else if want != status {
			all = append(all, fmt.Sprintf("%s: %s is a %d, not a %d", name, code, want, status))
		}
	}
	for _, methods := range k.operations {
		for _, o := range methods {
			for _, r := range o.answers {
				if r.code != "" {
					note(o.name(), r.code, r.status)
				}
			}
		}
	}
	for name, status := range map[string]int{"NotFound": 404, "MethodNotAllowed": 405} {
		def, _ := k.resolve(pointer("", "components", "responses", name))
		for _, code := range problemCodes(def) {
			note(name, code, status)
		}
	}
	list, _ := dig(k.root, "components", "schemas", "Problem", "properties", "code", "oneOf").([]any)
	for _, c := range list {
		explained[dig(c, "const").(string)] = true
	}
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		if !answered[code] {
			all = append(all, code+" is answered nowhere")
		}
	}
	for code := range answered {
		if !explained[code] {
			all = append(all, code+" is not explained in Problem")
		}
	}
	for code := range explained {
		if !answered[code] {
			all = append(all, code+" is explained in Problem, and answered nowhere")
		}
	}
	return all
}

// refusals are the codes in this package's source with their status.
func refusals(t *testing.T) map[string]int {
	t.Helper()
	files, _ := filepath.Glob("*.go")
	codes, set := map[string]int{}, token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok && fmt.Sprint(lit.Type) == "refusal" {
				code, status := literal(lit, "code"), literal(lit, "status")
				was, known := codes[code]
				if codes[code], _ = strconv.Atoi(status); code == "" || codes[code] < 400 || known && was != codes[code] {
					t.Errorf("%s: a refusal has one code and one status, written as a string and a number", set.Position(lit.Pos()))
				}
			}
			return true
		})
	}
	if len(codes) < 20 {
		t.Fatalf("found only %d refusals", len(codes))
	}
	return codes
}

// literal is a field of a composite literal that is a literal itself.
func literal(lit *ast.CompositeLit, field string) string {
	for _, e := range lit.Elts {
		kv, _ := e.(*ast.KeyValueExpr)
		if kv == nil || fmt.Sprint(kv.Key) != field {
			continue
		}
		if b, ok := kv.Value.(*ast.BasicLit); ok {
			return strings.Trim(b.Value, `"`)
		}
	}
	return ""
}

// responseFaults looks at what each operation tells a stranger, and holds the
// examples to their schemas.
func (k *contract) responseFaults() (all []string) {
	ids := map[any]bool{}
	tags := map[any]bool{}
	list, _ := k.root["tags"].([]any)
	for _, t := range list {
		tags[dig(t, "name")] = true
	}
	for _, methods := range k.operations {
		for _, o := range methods {
			of, _ := o.def["tags"].([]any)
			if id := o.def["operationId"]; id == nil || ids[id] || o.def["summary"] == nil || len(of) != 1 || !tags[of[0]] {
				all = append(all, o.name()+": it needs an operationId of its own, a summary and one tag of the list")
			}
			ids[o.def["operationId"]] = true
			if o.def["requestBody"] != nil {
				all = append(all, k.exampleFaults(o.name()+" body", pointer(o.at, "requestBody"), true)...)
			}
			responses, _ := o.def["responses"].(map[string]any)
			for status := range responses {
				all = append(all, k.answerFaults(o.name()+" "+status, pointer(o.at, "responses", status), status)...)
			}
		}
	}
	return all
}

func (k *contract) answerFaults(name, at, status string) (all []string) {
	def, where := k.resolve(at)
	if def == nil {
		return []string{name + " leads nowhere"}
	}
	headers := map[string]bool{"X-Request-Id": status != "101", "Retry-After": status == "429" || status == "503", "WWW-Authenticate": status == "401"}
	for header, needed := range headers {
		if h, _ := k.resolve(pointer(where, "headers", header)); needed && (h == nil || h["required"] != true) {
			all = append(all, name+" has no "+header)
		}
	}
	return append(all, k.exampleFaults(name, where, false)...)
}

// exampleFaults validates the examples of a body or an answer.
func (k *contract) exampleFaults(name, at string, needed bool) (all []string) {
	def, _ := k.resolve(at)
	content, _ := def["content"].(map[string]any)
	for kind, m := range content {
		var examples []any
		if e := dig(m, "example"); e != nil {
			examples = append(examples, e)
		}
		several, _ := dig(m, "examples").(map[string]any)
		for _, e := range several {
			examples = append(examples, dig(e, "value"))
		}
		if len(examples) == 0 && (needed || kind == "application/problem+json") {
			all = append(all, name+": it needs an example")
		}
		for _, e := range examples {
			if err := k.validate(pointer(at, "content", kind, "schema"), e); err != nil {
				all = append(all, name+": its example: "+err.Error())
			}
		}
	}
	return all
}

// referenceFaults finds what is referred to and not there, and what is there
// and not referred to.
func (k *contract) referenceFaults() (all []string) {
	used := map[string]bool{
		"#/components/responses/NotFound": true, "#/components/responses/MethodNotAllowed": true, "#/components/responses/Options": true,
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				used[ref] = true
				if def, _ := k.resolve(strings.TrimPrefix(ref, "#")); def == nil {
					all = append(all, ref+" leads nowhere")
				}
			}
			for _, below := range v {
				walk(below)
			}
		case []any:
			for _, below := range v {
				walk(below)
			}
		}
	}
	walk(k.root)
	for _, kind := range []string{"schemas", "responses", "headers", "parameters"} {
		for name := range k.components(kind) {
			if !used["#/components/"+kind+"/"+name] {
				all = append(all, kind+"/"+name+" is used nowhere")
			}
		}
	}
	return all
}

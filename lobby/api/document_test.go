package api

import (
	"bytes"
	"encoding/json"
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

// TestTheDocumentIsTheRoutes holds both to each other.
func TestTheDocumentIsTheRoutes(t *testing.T) {
	a := newTestAPI(t)
	for _, fault := range faults(theContract(), a, refusals(t)) {
		t.Error(fault)
	}
}

func newTestAPI(t *testing.T) *api {
	t.Helper()
	s, end := newSite(t, nil)
	t.Cleanup(end)
	a, err := newAPI(s.cfg)
	if err == nil {
		_, err = a.routes()
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestADocumentThatIsWrongIsFound: each of the checks can fail.
func TestADocumentThatIsWrongIsFound(t *testing.T) {
	a, codes := newTestAPI(t), refusals(t)
	for what, test := range map[string]struct {
		doctor func(d map[string]any)
		want   string
	}{
		"a path too few":      {func(d map[string]any) { delete(at(d, "paths"), "/v1/modes") }, "GET /v1/modes: a route without a path"},
		"a method too few":    {func(d map[string]any) { delete(at(d, "paths", "/v1/tickets/{id}"), "delete") }, "DELETE /v1/tickets/{id}: a route without a path"},
		"a path too many":     {func(d map[string]any) { at(d, "paths")["/v1/x"] = at(d, "paths", "/v1/modes") }, "GET /v1/x: a path without a route"},
		"a code too few":      {func(d map[string]any) { setCodes(d, "/v1/tickets", "409") }, "ticket_exists is answered nowhere"},
		"a limit unsaid":      {func(d map[string]any) { delete(at(d, "paths", "/v1/tickets", "post", "responses"), "429") }, "POST /v1/tickets: rate_limited is not listed"},
		"a body unsaid":       {func(d map[string]any) { delete(at(d, "paths", "/v1/tickets", "post"), "requestBody") }, "POST /v1/tickets: a body"},
		"a token unsaid":      {func(d map[string]any) { at(d, "paths", "/v1/tickets", "post")["security"] = []any{} }, "POST /v1/tickets: a token"},
		"a code too many":     {func(d map[string]any) { setCodes(d, "/v1/tickets", "409", "ticket_exists", "ticket_old") }, "ticket_old is no code of ours"},
		"a code's status":     {func(d map[string]any) { setCodes(d, "/v1/tickets", "404", "draining") }, "draining is a 503, not a 404"},
		"a code unexplained":  {func(d map[string]any) { unexplain(d) }, "is not explained in Problem"},
		"an example":          {func(d map[string]any) { example(d, "/v1/modes", "200")["modes"] = 7 }, "GET /v1/modes 200: its example"},
		"a fault unsaid":      {func(d map[string]any) { delete(at(d, "paths", "/v1/modes", "get", "responses"), "500") }, "GET /v1/modes: internal is not listed"},
		"an answer unlabeled": {func(d map[string]any) { delete(at(d, "components", "responses", "Session"), "headers") }, "has no X-Request-Id"},
		"when to come again": {func(d map[string]any) {
			delete(at(d, "components", "responses", "RateLimited", "headers"), "Retry-After")
		}, "has no Retry-After"},
		"a reference": {func(d map[string]any) {
			at(d, "paths", "/v1/modes", "get", "responses", "500")["$ref"] = "#/components/responses/None"
		}, "leads nowhere"},
		"a component": {func(d map[string]any) { at(d, "components", "schemas")["Unused"] = map[string]any{} }, "schemas/Unused is used nowhere"},
		"its shape":   {func(d map[string]any) { delete(at(d, "info"), "title") }, "it is no OpenAPI 3.1 document"},
		"a schema": {func(d map[string]any) {
			at(d, "components", "schemas", "Mode", "properties", "seats")["type"] = "number of seats"
		}, "schemas/Mode"},
	} {
		if got := faults(doctored(t, test.doctor), a, codes); !strings.Contains(strings.Join(got, "\n"), test.want) {
			t.Errorf("%s: got %q, want %q", what, got, test.want)
		}
	}
}

// TestAnAnswerThatIsWrongIsFound: one that was right is held to documents that
// say something else.
func TestAnAnswerThatIsWrongIsFound(t *testing.T) {
	onSite(t, nil, func(s *site) {
		_, bearer := s.guest("Ada")
		created := s.ask("POST", "/v1/tickets", `{"mode":"ffa"}`, bearer).is("ticket", 201, "")
		exists := s.ask("POST", "/v1/tickets", `{"mode":"ffa"}`, bearer).is("another", 409, "ticket_exists")
		for what, test := range map[string]struct {
			answer answer
			doctor func(d map[string]any)
			want   string
		}{
			"nothing":        {created, func(map[string]any) {}, ""},
			"nothing of two": {exists, func(map[string]any) {}, ""},
			"the status":     {created, func(d map[string]any) { delete(at(d, "paths", "/v1/tickets", "post", "responses"), "201") }, "201 is no answer"},
			"the path":       {created, func(d map[string]any) { delete(at(d, "paths"), "/v1/tickets") }, "201 is no answer"},
			"the type":       {created, func(d map[string]any) { ticketField(d, "id")["$ref"] = "#/components/schemas/Mode" }, "got string, want object"},
			"a field":        {created, func(d map[string]any) { delete(at(d, "components", "schemas", "Ticket", "properties"), "mode") }, "'/mode': false schema"},
			"a state":        {created, func(d map[string]any) { ticketField(d, "state")["$ref"] = "#/components/schemas/ID" }, "does not match pattern"},
			"the code":       {exists, func(d map[string]any) { setCodes(d, "/v1/tickets", "409", "ticket_placed") }, "must be 'ticket_placed'"},
			"the media type": {created, func(d map[string]any) {
				content := at(d, "paths", "/v1/tickets", "post", "responses", "201", "content")
				content["text/plain"] = content["application/json"]
				delete(content, "application/json")
			}, "content type"},
			"a header": {created, func(d map[string]any) {
				at(d, "paths", "/v1/tickets", "post", "responses", "201", "headers")["Etag"] = map[string]any{"required": true, "schema": map[string]any{}}
			}, "no header Etag"},
			"a header's value": {created, func(d map[string]any) {
				at(d, "paths", "/v1/tickets", "post", "responses", "201", "headers", "Location", "schema")["pattern"] = "^/v2/"
			}, "header Location"},
			"the request": {created, func(d map[string]any) {
				at(d, "paths", "/v1/tickets", "post", "requestBody", "content", "application/json", "schema", "properties", "mode")["maxLength"] = 2
			}, "the body was taken"},
		} {
			err := test.answer.hold(doctored(t, test.doctor))
			if (err == nil) != (test.want == "") || !strings.Contains(fmt.Sprint(err), test.want) {
				t.Errorf("%s: got %v, want %q", what, err, test.want)
			}
		}
	})
}

// doctored is the document with something changed.
func doctored(t *testing.T, doctor func(map[string]any)) *contract {
	t.Helper()
	var d map[string]any
	err := json.Unmarshal(theDocument().json, &d)
	if err != nil {
		t.Fatal(err)
	}
	doctor(d)
	source, _ := json.Marshal(d)
	k, err := newContract(source)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func at(d map[string]any, keys ...string) map[string]any { return dig(d, keys...).(map[string]any) }

func setCodes(d map[string]any, path, status string, codes ...string) {
	at(d, "paths", path, "post", "responses", status, "content", "application/problem+json", "schema", "properties", "code")["enum"] = append([]string{}, codes...)
}

func ticketField(d map[string]any, name string) map[string]any {
	return at(d, "components", "schemas", "Ticket", "properties", name)
}

func unexplain(d map[string]any) {
	code := at(d, "components", "schemas", "Problem", "properties", "code")
	code["oneOf"] = code["oneOf"].([]any)[1:]
}

func example(d map[string]any, path, status string) map[string]any {
	return at(d, "paths", path, "get", "responses", status, "content", "application/json", "example")
}

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

// openPath spells gin's path as OpenAPI does.
func openPath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			parts[i] = "{" + p[1:] + "}"
		}
	}
	return strings.Join(parts, "/")
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

// TestTheDocumentIsServed as what it is, and the page needs nothing else.
func TestTheDocumentIsServed(t *testing.T) {
	onSite(t, nil, func(s *site) {
		a := s.ask("GET", "/v1/openapi.json", "").is("document", 200, "")
		if !bytes.Equal(a.Body.Bytes(), theDocument().json) || !json.Valid(a.Body.Bytes()) {
			t.Error("it is another document")
		}
		page := s.ask("GET", "/v1/docs", "").is("page", 200, "")
		for path, methods := range theContract().operations {
			for _, o := range methods {
				id := fmt.Sprintf("<article id=%q>", o.def["operationId"])
				if !strings.Contains(page.Body.String(), id) || !strings.Contains(page.Body.String(), path) {
					t.Errorf("%s is not on the page", o.name())
				}
			}
		}
		for code := range refusals(t) {
			if !strings.Contains(page.Body.String(), fmt.Sprintf("<tr id=%q>", "code-"+code)) {
				t.Errorf("%s is not on the page", code)
			}
		}
		for _, foreign := range []string{"http://", "https://", "<script", " src=", "@import"} {
			if rest := strings.ReplaceAll(page.Body.String(), "https://play.example", ""); strings.Contains(rest, foreign) {
				t.Errorf("the page has %s", foreign)
			}
		}
		if !strings.Contains(page.Body.String(), "<style>"+pageCSS+"</style>") {
			t.Error("the page's style is not what its policy has the hash of")
		}
		if csp := page.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
			t.Errorf("policy %q", csp)
		}
	})
}

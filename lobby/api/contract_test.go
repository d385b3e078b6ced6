package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/musterhq/muster/protocol/bus/bustest"
)

// TestMain runs the tests, and after all of them asks whether every answer in
// the document was got by one.
func TestMain(m *testing.M) { bustest.Main(exhaustive{m}) }

type exhaustive struct{ *testing.M }

func (m exhaustive) Run() int {
	code := m.M.Run()
	for _, name := range []string{"run", "skip", "list", "fuzz"} {
		if flag.Lookup("test."+name).Value.String() != "" {
			return code // not all tests
		}
	}
	if unseen := theContract().unseen(); code == 0 && len(unseen) > 0 {
		fmt.Fprintf(os.Stderr, "openapi.yaml lists answers that no test gets:\n\t%s\n", strings.Join(unseen, "\n\t"))
		return 1
	}
	return code
}

// A contract is an OpenAPI document that answers are held to. Where a schema
// says nothing of fields that it does not list, the contract knows no others:
// clients have to live with more, tests shall notice.
type contract struct {
	root       map[string]any
	operations map[string]map[string]*op // by path and lower-case method

	mu       sync.Mutex
	compiler *jsonschema.Compiler          // under mu
	schemas  map[string]*jsonschema.Schema // under mu, by JSON pointer
	seen     map[string]map[result]bool    // under mu, by operation
}

// An op is an operation of the document.
type op struct {
	method, path, at string // at is where it stands, as a JSON pointer
	def              map[string]any
	answers          []result
}

// A result is what an operation can come to: a status, for a problem with its
// code.
type result struct {
	status int
	code   string
}

const contractURL = "muster:openapi.json"

var theContract = sync.OnceValue(func() *contract {
	k, err := newContract(copied(theRoot()).(map[string]any))
	if err != nil {
		panic(err)
	}
	return k
})

// theRoot is the document. Nobody changes it.
var theRoot = sync.OnceValue(func() any {
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(theDocument().json.plain))
	if err != nil {
		panic(err)
	}
	return root
})

// copied is a JSON value of its own.
func copied(v any) any {
	switch v := v.(type) {
	case map[string]any:
		to := make(map[string]any, len(v))
		for key, below := range v {
			to[key] = copied(below)
		}
		return to
	case []any:
		to := make([]any, len(v))
		for i, below := range v {
			to[i] = copied(below)
		}
		return to
	}
	return v
}

// newContract owns the document.
func newContract(root map[string]any) (*contract, error) {
	k := &contract{
		root: root, operations: map[string]map[string]*op{}, compiler: jsonschema.NewCompiler(),
		schemas: map[string]*jsonschema.Schema{}, seen: map[string]map[result]bool{},
	}
	closeObjects(root)
	k.compiler.AssertFormat()
	if err := k.compiler.AddResource(contractURL, root); err != nil {
		return nil, err
	}
	paths, _ := k.root["paths"].(map[string]any)
	for path, methods := range paths {
		k.operations[path] = map[string]*op{}
		for method, def := range methods.(map[string]any) {
			o := &op{method: method, path: path, at: pointer("", "paths", path, method), def: def.(map[string]any)}
			k.listAnswers(o)
			k.operations[path][method] = o
		}
	}
	return k, nil
}

// closeObjects lets objects have no other fields than they list.
func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, below := range v {
			closeObjects(below)
		}
		_, fields := v["properties"].(map[string]any)
		if _, said := v["additionalProperties"]; fields && v["type"] == "object" && !said {
			v["unevaluatedProperties"] = false
		}
	case []any:
		for _, below := range v {
			closeObjects(below)
		}
	}
}

// listAnswers notes what the operation may be answered with.
func (k *contract) listAnswers(o *op) {
	responses, _ := o.def["responses"].(map[string]any)
	for status := range responses {
		def, _ := k.resolve(pointer(o.at, "responses", status))
		n, _ := strconv.Atoi(status)
		codes := problemCodes(def)
		for _, code := range codes {
			o.answers = append(o.answers, result{n, code})
		}
		if len(codes) == 0 {
			o.answers = append(o.answers, result{status: n})
		}
	}
}

func problemCodes(response map[string]any) (codes []string) {
	enum, _ := dig(response, "content", "application/problem+json", "schema", "properties", "code", "enum").([]any)
	for _, code := range enum {
		codes = append(codes, code.(string))
	}
	return codes
}

// dig goes down into objects; where there is none it returns nil.
func dig(v any, keys ...string) any {
	for _, key := range keys {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

// Keys within a JSON pointer.
var (
	escapeKey   = strings.NewReplacer("~", "~0", "/", "~1")
	unescapeKey = strings.NewReplacer("~1", "/", "~0", "~")
)

func pointer(from string, keys ...string) string {
	for _, key := range keys {
		from += "/" + escapeKey.Replace(key)
	}
	return from
}

// resolve returns what stands at a pointer, or what a reference there leads
// to, and where that is.
func (k *contract) resolve(at string) (def map[string]any, where string) {
	var v any = k.root
	for key := range strings.SplitSeq(strings.TrimPrefix(at, "/"), "/") {
		v = dig(v, unescapeKey.Replace(key))
	}
	def, _ = v.(map[string]any)
	if ref, ok := def["$ref"].(string); ok {
		return k.resolve(strings.TrimPrefix(ref, "#"))
	}
	return def, at
}

// validate holds a value to the schema at a pointer.
func (k *contract) validate(at string, v any) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.schemas[at]
	if s == nil {
		var err error
		if s, err = k.compiler.Compile(contractURL + "#" + (&url.URL{Fragment: at}).EscapedFragment()); err != nil {
			return err
		}
		k.schemas[at] = s
	}
	return s.Validate(v)
}

// find returns the operation of a request, or nil and whether the path is one
// of the document's. HEAD is GET.
func (k *contract) find(r *http.Request) (o *op, known bool) {
	method := strings.ToLower(r.Method)
	if r.Method == http.MethodHead {
		method = "get"
	}
	for path, methods := range k.operations {
		if !fits(path, r.URL.Path) {
			continue
		}
		if r.Method == http.MethodHead && path == "/v1/socket" {
			return nil, true
		}
		return methods[method], true
	}
	return nil, false
}

func fits(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(w, g string) bool { return w == g || w != "" && w[0] == '{' && g != "" })
}

// check holds an answer to the document.
func (k *contract) check(r *http.Request, sent string, status int, header http.Header, body []byte) error {
	o, known := k.find(r)
	at := ""
	switch {
	case o != nil:
		at = pointer(o.at, "responses", strconv.Itoa(status))
	case known && r.Method == http.MethodOptions && status == 204:
		at = "/components/responses/Options"
	case known && status == 405:
		at = "/components/responses/MethodNotAllowed"
	case !known && status == 404:
		at = "/components/responses/NotFound"
	}
	def, where := k.resolve(at)
	if def == nil {
		return fmt.Errorf("%d is no answer to this", status)
	}
	code, err := k.checkResponse(where, def, status, header, body)
	if o == nil {
		return err
	}
	k.saw(o, result{status, code})
	if err == nil && status < 300 {
		err = k.checkRequest(o, r, sent)
	}
	return err
}

func (k *contract) saw(o *op, got result) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.seen[o.name()] == nil {
		k.seen[o.name()] = map[result]bool{}
	}
	k.seen[o.name()][got] = true
}

func (o *op) name() string { return strings.ToUpper(o.method) + " " + o.path }

// checkResponse returns the code of a problem.
func (k *contract) checkResponse(at string, def map[string]any, status int, header http.Header, body []byte) (code string, err error) {
	headers, _ := def["headers"].(map[string]any)
	for name := range headers {
		if err := k.checkHeader(pointer(at, "headers", name), name, header); err != nil {
			return "", err
		}
	}
	content, _ := def["content"].(map[string]any)
	if status == http.StatusSwitchingProtocols {
		return "", nil
	}
	if content == nil {
		if len(body) > 0 || header.Get("Content-Type") != "" {
			return "", errors.New("there is a body")
		}
		return "", nil
	}
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || content[kind] == nil {
		return "", fmt.Errorf("content type %q", header.Get("Content-Type"))
	}
	var v any = string(body)
	if strings.HasSuffix(kind, "json") {
		if v, err = jsonschema.UnmarshalJSON(bytes.NewReader(body)); err != nil {
			return "", err
		}
	}
	if kind == "application/problem+json" {
		code, _ = dig(v, "code").(string)
		if n, _ := dig(v, "status").(json.Number); string(n) != strconv.Itoa(status) {
			return code, fmt.Errorf("the problem says status %s", n)
		}
	}
	return code, k.validate(pointer(at, "content", kind, "schema"), v)
}

func (k *contract) checkHeader(at, name string, header http.Header) error {
	def, where := k.resolve(at)
	values := header.Values(name)
	switch {
	case len(values) == 0 && def["required"] == true:
		return fmt.Errorf("no header %s", name)
	case len(values) == 0:
		return nil
	case len(values) > 1:
		return fmt.Errorf("%d headers %s", len(values), name)
	}
	var v any = values[0]
	if dig(def, "schema", "type") == "integer" {
		v = json.Number(values[0])
	}
	if err := k.validate(pointer(where, "schema"), v); err != nil {
		return fmt.Errorf("header %s: %w", name, err)
	}
	return nil
}

// checkRequest holds a request that was granted to the document: what it
// forbids, the server should have refused.
func (k *contract) checkRequest(o *op, r *http.Request, sent string) error {
	if at := pointer(o.at, "requestBody", "content", "application/json", "schema"); o.def["requestBody"] != nil {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(sent))
		if err == nil {
			err = k.validate(at, v)
		}
		if err != nil {
			return fmt.Errorf("the body was taken: %w", err)
		}
	}
	params, _ := o.def["parameters"].([]any)
	for i := range params {
		def, where := k.param(o, i)
		name, _ := def["name"].(string)
		if def["in"] != "query" || !r.URL.Query().Has(name) || r.URL.Query().Get(name) == "" {
			continue
		}
		if err := k.validate(pointer(where, "schema"), r.URL.Query().Get(name)); err != nil {
			return fmt.Errorf("%s was taken: %w", name, err)
		}
	}
	return nil
}

// param is a parameter of an operation, and where it stands; a schema below it
// cannot be reached through the list it is in but by its index.
func (k *contract) param(o *op, i int) (def map[string]any, at string) {
	def = o.def["parameters"].([]any)[i].(map[string]any)
	if ref, ok := def["$ref"].(string); ok {
		return k.resolve(strings.TrimPrefix(ref, "#"))
	}
	return def, pointer(o.at, "parameters", strconv.Itoa(i))
}

// unseen are the answers in the document that nobody got so far. A fault of
// ours cannot be asked for.
func (k *contract) unseen() (all []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, methods := range k.operations {
		for _, o := range methods {
			for _, answer := range o.answers {
				if !k.seen[o.name()][answer] && answer.code != errInternal.code {
					all = append(all, fmt.Sprint(o.name(), " ", answer.status, " ", answer.code))
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

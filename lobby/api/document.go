package api

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/goccy/go-yaml"
)

//go:embed openapi.yaml openapi/*.yaml
var openapiFiles embed.FS

// A document is what the API says of itself: openapi.yaml and what the files in
// openapi add to it by subject, as JSON and as a page.
type document struct {
	json, page packed
	policy     string              // the page's Content-Security-Policy
	queries    map[string][]string // the parameters in an operation's query, by operationKey
}

// theDocument is made once; that it can be is tested.
var theDocument = sync.OnceValue(func() document {
	d, err := newDocument(sources()...)
	if err != nil {
		panic(err)
	}
	return d
})

// sources are the files, openapi.yaml first.
func sources() (all [][]byte) {
	names, _ := fs.Glob(openapiFiles, "openapi/*.yaml")
	for _, name := range append([]string{"openapi.yaml"}, names...) {
		source, err := openapiFiles.ReadFile(name)
		if err != nil {
			panic(err) // they are embedded
		}
		all = append(all, source)
	}
	return all
}

func newDocument(sources ...[]byte) (d document, err error) {
	var whole any
	for _, source := range sources {
		var part any
		if err := yaml.UnmarshalWithOptions(source, &part, yaml.UseOrderedMap()); err != nil {
			return d, fmt.Errorf("openapi.yaml: %w", err)
		}
		whole = merge(whole, part)
	}
	text, err := yaml.MarshalWithOptions(whole, yaml.JSON())
	if err != nil {
		return d, fmt.Errorf("openapi.yaml: %w", err)
	}
	var s spec
	if err = json.Unmarshal(text, &s); err != nil {
		return d, fmt.Errorf("openapi.yaml: %w", err)
	}
	page, policy, err := renderPage(&s)
	return document{pack(text), pack(page), policy, s.queriesOf()}, err
}

// merge adds to a document: what is in objects of the same name comes together,
// lists follow each other.
func merge(to, more any) any {
	switch more := more.(type) {
	case yaml.MapSlice:
		object, _ := to.(yaml.MapSlice)
		for _, m := range more {
			i := slices.IndexFunc(object, func(has yaml.MapItem) bool { return has.Key == m.Key })
			if i < 0 {
				object = append(object, m)
			} else {
				object[i].Value = merge(object[i].Value, m.Value)
			}
		}
		return object
	case []any:
		list, _ := to.([]any)
		return append(list, more...)
	}
	return more
}

func (a *api) openapi(c *gin.Context) {
	c.Header("Cache-Control", "no-cache")
	theDocument().json.send(c, "application/json")
}

func (a *api) docs(c *gin.Context) {
	c.Header("Cache-Control", "no-cache")
	c.Header("Content-Security-Policy", theDocument().policy)
	c.Header("X-Content-Type-Options", "nosniff")
	theDocument().page.send(c, "text/html; charset=utf-8")
}

// What of an OpenAPI document the page shows, in the document's order.
type (
	spec struct {
		Info struct{ Title, Version, Summary, Description string }
		Tags []struct{ Name, Description string }

		Paths      object[object[operation]]
		Components components
	}
	components struct {
		Schemas         object[schema]
		Responses       object[response]
		Headers         object[parameter]
		Parameters      object[parameter]
		SecuritySchemes object[struct{ Description string }]
	}
	operation struct {
		Tags                              []string
		OperationID, Summary, Description string
		Security                          []map[string][]string
		Parameters                        []parameter
		RequestBody                       *struct{ Content object[media] }
		Responses                         object[response]
	}
	parameter struct {
		Ref                   string `json:"$ref"`
		Name, In, Description string
		Required              bool
		Schema                schema
		Example               any
	}
	response struct {
		Ref         string `json:"$ref"`
		Description string
		Headers     object[parameter]
		Content     object[media]
	}
	media struct {
		Schema   schema
		Example  raw
		Examples object[struct{ Value raw }]
	}
	schema struct {
		Ref         string `json:"$ref"`
		Type        types
		Description string
		Const       any
		Enum        []any
		OneOf       []schema
		Items       *schema
		Required    []string
		Properties  object[schema]
	}
)

// A member is one of an object's.
type member[T any] struct {
	Key   string
	Value T
}

// An object is a JSON object that keeps its order.
type object[T any] []member[T]

func (o *object[T]) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("not an object: %.20s", data)
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		m := member[T]{Key: t.(string)}
		if err := d.Decode(&m.Value); err != nil {
			return fmt.Errorf("%s: %w", m.Key, err)
		}
		*o = append(*o, m)
	}
	return nil
}

// find returns a member's value, or none.
func (o object[T]) find(key string) (v T) {
	for _, m := range o {
		if m.Key == key {
			return m.Value
		}
	}
	return v
}

// types are the one or the several that a schema allows, in words.
type types string

func (t *types) UnmarshalJSON(data []byte) error {
	if data[0] != '[' {
		return json.Unmarshal(data, (*string)(t))
	}
	var all []string
	err := json.Unmarshal(data, &all)
	*t = types(strings.Join(all, " or "))
	return err
}

// raw is JSON as it stands in the document.
type raw []byte

func (r *raw) UnmarshalJSON(data []byte) error {
	var b bytes.Buffer
	err := json.Indent(&b, data, "", "  ")
	*r = b.Bytes()
	return err
}

// named is the last part of a reference.
func named(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

func (c *components) response(r response) response {
	if r.Ref != "" {
		return c.Responses.find(named(r.Ref))
	}
	return r
}

func (c *components) parameter(p parameter) parameter {
	if p.Ref != "" {
		return c.Parameters.find(named(p.Ref))
	}
	return p
}

// headers are those of a response, but for the X-Request-Id, which all have.
func (c *components) headers(r response) (all object[parameter]) {
	for _, h := range r.Headers {
		if h.Value.Ref != "" {
			h.Value = c.Headers.find(named(h.Value.Ref))
		}
		if h.Key != "X-Request-Id" {
			all = append(all, h)
		}
	}
	return all
}

package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
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

// TestADocumentThatIsWrongIsFound: each of the checks can fail. Each document is
// held to the one that shall; all of them take their time.
func TestADocumentThatIsWrongIsFound(t *testing.T) {
	a, codes := newTestAPI(t), refusals(t)
	shape, answers, references := (*contract).shapeFaults, (*contract).responseFaults, (*contract).referenceFaults
	routes := func(k *contract) []string { return k.routeFaults(a) }
	known := func(k *contract) []string { return k.codeFaults(codes) }
	for what, test := range map[string]struct {
		check  func(*contract) []string
		doctor func(d map[string]any)
		want   string
	}{
		"a path too few":      {routes, func(d map[string]any) { delete(at(d, "paths"), "/v1/modes") }, "GET /v1/modes: a route without a path"},
		"a method too few":    {routes, func(d map[string]any) { delete(at(d, "paths", "/v1/tickets/{id}"), "delete") }, "DELETE /v1/tickets/{id}: a route without a path"},
		"a path too many":     {routes, func(d map[string]any) { at(d, "paths")["/v1/x"] = at(d, "paths", "/v1/modes") }, "GET /v1/x: a path without a route"},
		"a code too few":      {known, func(d map[string]any) { setCodes(d, "/v1/service-keys", "400") }, "service_key_name_invalid is answered nowhere"},
		"a limit unsaid":      {routes, func(d map[string]any) { delete(at(d, "paths", "/v1/tickets", "post", "responses"), "429") }, "POST /v1/tickets: rate_limited is not listed"},
		"a body unsaid":       {routes, func(d map[string]any) { delete(at(d, "paths", "/v1/tickets", "post"), "requestBody") }, "POST /v1/tickets: a body"},
		"a token unsaid":      {routes, func(d map[string]any) { at(d, "paths", "/v1/tickets", "post")["security"] = []any{} }, "POST /v1/tickets: a token"},
		"a code too many":     {known, func(d map[string]any) { setCodes(d, "/v1/tickets", "409", "ticket_exists", "ticket_old") }, "ticket_old is no code of ours"},
		"a code's status":     {known, func(d map[string]any) { setCodes(d, "/v1/tickets", "404", "draining") }, "draining is a 503, not a 404"},
		"a code unexplained":  {known, func(d map[string]any) { unexplain(d) }, "is not explained in Problem"},
		"an example":          {answers, func(d map[string]any) { example(d, "/v1/modes", "200")["modes"] = 7 }, "GET /v1/modes 200: its example"},
		"a fault unsaid":      {routes, func(d map[string]any) { delete(at(d, "paths", "/v1/modes", "get", "responses"), "500") }, "GET /v1/modes: internal is not listed"},
		"an answer unlabeled": {answers, func(d map[string]any) { delete(at(d, "components", "responses", "Session"), "headers") }, "has no X-Request-Id"},
		"when to come again": {answers, func(d map[string]any) {
			delete(at(d, "components", "responses", "RateLimited", "headers"), "Retry-After")
		}, "has no Retry-After"},
		"a reference": {references, func(d map[string]any) {
			at(d, "paths", "/v1/modes", "get", "responses", "500")["$ref"] = "#/components/responses/None"
		}, "leads nowhere"},
		"a component": {references, func(d map[string]any) { at(d, "components", "schemas")["Unused"] = map[string]any{} }, "schemas/Unused is used nowhere"},
		"its shape":   {shape, func(d map[string]any) { delete(at(d, "info"), "title") }, "it is no OpenAPI 3.1 document"},
		"a schema": {shape, func(d map[string]any) {
			at(d, "components", "schemas", "Mode", "properties", "seats")["type"] = "number of seats"
		}, "schemas/Mode"},
	} {
		if got := test.check(doctored(t, test.doctor)); !strings.Contains(strings.Join(got, "\n"), test.want) {
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
				at(d, "components", "schemas", "Wish", "properties", "mode")["maxLength"] = 2
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
	d := copied(theRoot()).(map[string]any)
	doctor(d)
	k, err := newContract(d)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func at(d map[string]any, keys ...string) map[string]any { return dig(d, keys...).(map[string]any) }

func setCodes(d map[string]any, path, status string, codes ...string) {
	list := []any{}
	for _, code := range codes {
		list = append(list, code)
	}
	at(d, "paths", path, "post", "responses", status, "content", "application/problem+json", "schema", "properties", "code")["enum"] = list
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

// TestTheDocumentIsServed as what it is, and the page needs nothing else.
func TestTheDocumentIsServed(t *testing.T) {
	onSite(t, nil, func(s *site) {
		a := s.ask("GET", "/v1/openapi.json", "").is("document", 200, "")
		if !bytes.Equal(a.Body.Bytes(), theDocument().json.plain) || !json.Valid(a.Body.Bytes()) {
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

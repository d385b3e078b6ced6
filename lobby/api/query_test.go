package api

import (
	"net/url"
	"strings"
	"testing"
)

// TestOddQueries: each route of the API takes the parameters that the document
// lists for it, once each, and says so of all others.
func TestOddQueries(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		admin := &adminFor{site: s}
		for path, methods := range theContract().operations {
			if !strings.HasPrefix(path, "/v1/") {
				continue
			}
			for _, o := range methods {
				known := theContract().queryNames(o)
				ask := func(query string) answer { return admin.asks(o.method, o.target("x")+"?"+query, "") }
				for _, odd := range []string{"lmit=5", "=5", "LIMIT=5", "limit%00=5", "mode[]=ffa", "%zz", "a;b", url.QueryEscape(strings.Repeat("😀", 1000)) + "=1"} {
					a := ask(odd).is(o.name()+"?"+odd[:min(9, len(odd))], 400, "query_invalid")
					if odd == "lmit=5" && (!strings.Contains(a.Body.String(), "lmit") || !strings.Contains(a.Body.String(), strings.Join(known, ", "))) {
						t.Errorf("%s: %s", o.name(), a.Body)
					}
					if a.Body.Len() > 1000 {
						t.Errorf("%s: %d bytes", o.name(), a.Body.Len())
					}
				}
				for _, name := range known {
					ask(name+"=1&"+name+"=2").is(o.name()+"?"+name+" twice", 400, "query_invalid")
					if a := ask(name + "="); strings.Contains(a.Body.String(), "query_invalid") {
						t.Errorf("%s: %s", o.name(), a.Body)
					}
				}
			}
		}
	})
}

// queryNames are the names of an operation's parameters in the query.
func (k *contract) queryNames(o *op) (names []string) {
	params, _ := o.def["parameters"].([]any)
	for i := range params {
		if def, _ := k.param(o, i); def["in"] == "query" {
			names = append(names, def["name"].(string))
		}
	}
	return names
}

package api

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// missing refuses a request that does not say what it has to.
func missing(parameter string) error {
	return &refusal{status: 400, code: "parameter_missing", detail: fmt.Sprintf("The parameter %s is missing.", parameter)}
}

// errQuery refuses a query that would be misread: of a parameter that nobody
// knows there is no effect, of one that is there twice only one would count.
var errQuery = &refusal{status: 400, code: "query_invalid", detail: "The query cannot be read."}

func badQuery(format string, args ...any) error {
	r := *errQuery
	r.detail = fmt.Sprintf(format, args...)
	return &r
}

// queries is a step that only those pass who ask with the parameters that the
// document has for this route, each at most once.
func (a *api) queries(method, path string) step {
	known := theDocument().queries[operationKey(method, path)]
	return step{refuses: []error{errQuery}, do: func(c *gin.Context) {
		if err := checkQuery(c.Request.URL.RawQuery, known); err != nil {
			refuse(c, err)
		}
	}}
}

func checkQuery(query string, known []string) error {
	if query == "" {
		return nil
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return errQuery
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch {
		case len(known) == 0:
			return badQuery("There is no parameter %.40q: this path has none.", name)
		case !slices.Contains(known, name):
			return badQuery("There is no parameter %.40q; there are %s.", name, strings.Join(known, ", "))
		case len(values[name]) > 1:
			return badQuery("The parameter %s is there more than once.", name)
		}
	}
	return nil
}

// flagged is a parameter that is true or false; left out, it is false.
func flagged(c *gin.Context, name string) (bool, error) {
	switch c.Query(name) {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	}
	return false, badQuery("The parameter %s is true or false.", name)
}

// queriesOf are the parameters that operations have in their query, as the
// document lists them.
func (s *spec) queriesOf() map[string][]string {
	all := make(map[string][]string)
	for _, path := range s.Paths {
		for _, o := range path.Value {
			for _, p := range o.Value.Parameters {
				if p = s.Components.parameter(p); p.In == "query" {
					key := o.Key + " " + path.Key
					all[key] = append(all[key], p.Name)
				}
			}
		}
	}
	return all
}

// operationKey is what the document knows a route by. HEAD is GET.
func operationKey(method, path string) string {
	if method == "HEAD" {
		method = "GET"
	}
	return strings.ToLower(method) + " " + openPath(path)
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

package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
)

// renderPage makes a document a page, which needs nothing but itself, and the
// policy that says so to browsers.
func renderPage(s *spec) (page []byte, policy string, err error) {
	t := template.New("page").Funcs(template.FuncMap{
		"text": text, "upper": strings.ToUpper, "named": named, "slug": slug, "string": func(r raw) string { return string(r) },
		"response": s.Components.response, "parameter": s.Components.parameter, "headers": s.Components.headers,
		"operations": s.operations, "status": status, "class": class, "of": typeOf, "codes": codes, "has": has,
		"meanings": func() []schema { return s.Components.Schemas.find("Problem").Properties.find("code").OneOf },
		"statuses": s.statuses, "shared": shared, "sharedAnswers": s.shared,
	})
	if _, err = t.Parse(pageHTML); err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		*spec
		CSS template.CSS
	}{s, template.CSS(pageCSS)})
	sum := sha256.Sum256([]byte(pageCSS))
	policy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	return blank.ReplaceAll(b.Bytes(), nil), policy, err
}

// blank are the lines that a template's directives leave.
var blank = regexp.MustCompile(`(?m)^[ \t]*\n`)

// A placed operation knows where it is.
type placed struct {
	Method, Path string
	operation
}

// operations are those with a tag.
func (s *spec) operations(tag string) (all []placed) {
	for _, p := range s.Paths {
		for _, m := range p.Value {
			if len(m.Value.Tags) > 0 && m.Value.Tags[0] == tag {
				all = append(all, placed{m.Key, p.Key, m.Value})
			}
		}
	}
	return all
}

// shared says whether an answer is shown once for all who give it. What an
// operation is asked for is shown with it.
func shared(r member[response]) bool { return r.Value.Ref != "" && r.Key[0] > '2' }

// shared are those answers, in the order of their statuses.
func (s *spec) shared() (all []member[response]) {
	for _, p := range s.Paths {
		for _, o := range p.Value {
			for _, r := range o.Value.Responses {
				same := func(has member[response]) bool { return has.Value.Ref == r.Value.Ref }
				if shared(r) && !slices.ContainsFunc(all, same) {
					all = append(all, r)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b member[response]) int { return strings.Compare(a.Key, b.Key) })
	return all
}

// statuses are those with which a code is answered.
func (s *spec) statuses(code any) (list string) {
	met := map[string]bool{}
	look := func(of object[response]) {
		for _, r := range of {
			for _, m := range s.Components.response(r.Value).Content {
				for _, c := range codes(m.Value.Schema) {
					if st := statusIn(m.Value.Example, r.Key); c == code && !met[st] {
						met[st] = true
						list = strings.TrimPrefix(list+", "+st, ", ")
					}
				}
			}
		}
	}
	for _, p := range s.Paths {
		for _, m := range p.Value {
			look(m.Value.Responses)
		}
	}
	look(s.Components.Responses)
	return list
}

var statusOf = regexp.MustCompile(`"status": (\d+)`)

// statusIn is a response's status, which one of the components shows in its
// example only.
func statusIn(example raw, key string) string {
	if _, err := strconv.Atoi(key); err == nil {
		return key
	}
	if m := statusOf.FindSubmatch(example); m != nil {
		return string(m[1])
	}
	return ""
}

// codes are the problem codes of a response.
func codes(s schema) []any { return s.Properties.find("code").Enum }

// status says what a status is called.
func status(code string) string {
	n, _ := strconv.Atoi(code)
	return http.StatusText(n)
}

// class is what the page's style knows a status by.
func class(code string) string { return "s" + code[:1] }

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// typeOf says a schema in a few words, with links to those that have a name.
func typeOf(s schema) template.HTML {
	switch {
	case s.Ref != "":
		name := template.HTMLEscapeString(named(s.Ref))
		return template.HTML(`<a href="#schema-` + slug(name) + `">` + name + `</a>`)
	case s.Type == "array" && s.Items != nil:
		return "list of " + typeOf(*s.Items)
	case s.Const != nil:
		return template.HTML("<code>" + template.HTMLEscapeString(strings.TrimSpace(fmt.Sprint(s.Const))) + "</code>")
	default:
		return template.HTML(template.HTMLEscapeString(string(s.Type)))
	}
}

var (
	strong = regexp.MustCompile(`\*\*(.+?)\*\*`)
	code   = regexp.MustCompile("`([^`]+)`")
	number = regexp.MustCompile(`^\d+\. `)
	unslug = regexp.MustCompile(`[^A-Za-z0-9-]+`)
)

func slug(s string) string { return unslug.ReplaceAllString(s, "") }

// text is the little of Markdown that the document uses, as HTML: paragraphs,
// numbered lists, `code` and **strong**.
func text(s string) template.HTML {
	var b strings.Builder
	for block := range strings.SplitSeq(strings.TrimSpace(s), "\n\n") {
		if block == "" {
			continue
		}
		if !number.MatchString(block) {
			b.WriteString("<p>" + inline(block) + "</p>")
			continue
		}
		b.WriteString("<ol>")
		for line := range strings.SplitSeq(block, "\n") {
			b.WriteString("<li>" + inline(number.ReplaceAllString(line, "")) + "</li>")
		}
		b.WriteString("</ol>")
	}
	return template.HTML(b.String())
}

func inline(s string) string {
	s = template.HTMLEscapeString(s)
	return strong.ReplaceAllString(code.ReplaceAllString(s, "<code>$1</code>"), "<strong>$1</strong>")
}

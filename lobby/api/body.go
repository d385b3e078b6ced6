package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

const (
	maxBody     = 4096     // bytes, of most routes
	maxCallback = 16 << 10 // of what a provider of OpenID Connect sends back with a player
	maxRead     = 1 << 20  // bytes that anybody reads of a request, whatever its route says
	maxNested   = 32       // objects and arrays within each other
)

// limitBody bounds what anybody reads of a request.
func limitBody(c *gin.Context) {
	if c.Request.Body != nil {
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxRead)
	}
}

// takes is a step that reads a JSON body of at most so many bytes, for
// [parseBody].
func takes(bytes int64) step {
	if bytes > maxRead {
		panic("api: a route takes more than is read of any request")
	}
	read := func(c *gin.Context) {
		if !isJSON(c.Request.Header) {
			refuse(c, errContentType)
			return
		}
		data, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, bytes))
		if err != nil {
			refuse(c, bodyError(err, bytes))
			return
		}
		c.Set(keyBody, data)
	}
	return step{do: read, body: true, refuses: []error{errContentType, errBodySize, errBody}}
}

// isJSON says whether the headers speak of JSON as it is. Without a type it
// may be JSON too.
func isJSON(h http.Header) bool {
	if encoding := h.Values("Content-Encoding"); len(encoding) > 1 || len(encoding) == 1 && encoding[0] != "identity" {
		return false
	}
	types := h.Values("Content-Type")
	if len(types) == 0 {
		return true
	}
	kind, params, err := mime.ParseMediaType(types[0])
	charset, named := params["charset"]
	return err == nil && len(types) == 1 && kind == "application/json" && (!named || strings.EqualFold(charset, "utf-8"))
}

func bodyError(err error, most int64) error {
	var tooLong *http.MaxBytesError
	if !errors.As(err, &tooLong) {
		return errBody // it ended early
	}
	r := *errBodySize
	r.detail = fmt.Sprintf("The body of this request has at most %d bytes.", most)
	return &r
}

// parseBody reads the body that [takes] has taken into v, a pointer to a
// struct: one JSON object with fields of v, none unknown, misspelt or there
// twice, and nothing behind it.
func parseBody(c *gin.Context, v any) error {
	data := c.MustGet(keyBody).([]byte)
	names, err := scan(data)
	if err != nil {
		return badBody(err.Error())
	}
	for _, name := range names {
		if !hasField(v, name) {
			return badBody(fmt.Sprintf("there is no field %.40q here", name))
		}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var wrong *json.UnmarshalTypeError
	switch err := d.Decode(v); {
	case errors.As(err, &wrong) && wrong.Field != "":
		return badBody(fmt.Sprintf("in %.40s there is %.10s where %s is expected", wrong.Field, wrong.Value, kindOf(wrong.Type)))
	case err != nil && strings.HasPrefix(err.Error(), unknownField):
		return badBody(fmt.Sprintf("there is no field %.40s within", strings.TrimPrefix(err.Error(), unknownField)))
	case err != nil, isNull(data):
		return errBody
	}
	return nil
}

// isNull says whether JSON is null, which decodes into anything without a word.
func isNull(data []byte) bool {
	return string(bytes.TrimSpace(data)) == "null"
}

// unknownField is how encoding/json says that a field deeper down is none, with
// its name in quotes behind it.
const unknownField = "json: unknown field "

// kindOf is what JSON calls a type.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Map, reflect.Struct:
		return "object"
	}
	return "number"
}

func badBody(why string) error {
	r := *errBody
	r.detail = strings.TrimSuffix(r.detail, ".") + ": " + why + "."
	return &r
}

// hasField says whether a struct has a field of exactly that name; to
// encoding/json a NAME is a name.
func hasField(v any, name string) bool {
	t := reflect.TypeOf(v).Elem()
	for i := range t.NumField() {
		if has, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); has == name {
			return true
		}
	}
	return false
}

// scan returns the names in the object that data is. It refuses what is not
// one JSON value in UTF-8, and what two readers could read differently: with
// the same name twice in an object.
func scan(data []byte) (names []string, err error) {
	if !utf8.Valid(data) {
		return nil, errors.New("it is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var open []map[string]bool // of each array and object around, the names met; nil for arrays
	name := false              // whether the next string is one
	for began := false; !began || len(open) > 0; began = true {
		t, err := d.Token()
		if err != nil {
			return nil, errors.New("it is not JSON")
		}
		switch t := t.(type) {
		case json.Delim:
			switch t {
			case '{':
				open = append(open, map[string]bool{})
			case '[':
				open = append(open, nil)
			default:
				open = open[:len(open)-1]
			}
			if len(open) > maxNested {
				return nil, errors.New("it is nested too deeply")
			}
		case string:
			if name {
				if met := open[len(open)-1]; met[t] {
					return nil, fmt.Errorf("%.40q is there twice", t)
				}
				open[len(open)-1][t] = true
				if len(open) == 1 {
					names = append(names, t)
				}
				name = false
				continue
			}
		}
		name = len(open) > 0 && open[len(open)-1] != nil
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows it")
	}
	return names, nil
}

package api

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

// A packed body is sent as gzip to who takes that: the page of the API is a
// tenth then.
type packed struct{ plain, gzip []byte }

func pack(plain []byte) packed {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a level that there is
	w.Write(plain)                                        // into memory
	w.Close()
	return packed{plain, b.Bytes()}
}

func (p packed) send(c *gin.Context, contentType string) {
	c.Writer.Header().Add("Vary", "Accept-Encoding")
	body := p.plain
	if takesGzip(c.Request.Header) {
		c.Header("Content-Encoding", "gzip")
		body = p.gzip
	}
	c.Header("Content-Length", strconv.Itoa(len(body)))
	c.Data(http.StatusOK, contentType, body)
}

// takesGzip says whether a client names gzip among the encodings that it takes.
// One that only says * gets what everybody can read.
func takesGzip(h http.Header) bool {
	for part := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		name, q, weighed := strings.Cut(strings.ReplaceAll(strings.ToLower(part), " ", ""), ";q=")
		weight, err := strconv.ParseFloat(q, 64)
		if name == "gzip" && (!weighed || err == nil && weight > 0) {
			return true
		}
	}
	return false
}

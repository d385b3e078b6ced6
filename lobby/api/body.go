package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
)

const maxBody = 4096 // bytes

// limitBody bounds what anybody reads of a request.
func limitBody(c *gin.Context) {
	if c.Request.Body != nil {
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxBody)
	}
}

// parseBody reads the request's body into v: one JSON object with the fields
// of v, none unknown, and nothing behind it.
func parseBody(c *gin.Context, v any) error {
	d := json.NewDecoder(c.Request.Body)
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		_, err = d.Token()
	}
	var tooLong *http.MaxBytesError
	switch {
	case errors.Is(err, io.EOF) && d.InputOffset() > 0:
		return nil
	case errors.As(err, &tooLong):
		return errBodySize
	default:
		return errBody
	}
}

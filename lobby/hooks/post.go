package hooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	maxAnswer = 4 << 10 // bytes of an answer's body that are read, so that the connection can be used again
	maxReason = 200     // bytes of what is kept of an error
)

// post sends a body once. An error is what shall be shown of it.
func (h *Hub) post(ctx context.Context, k *kept, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, k.URL, bytes.NewReader(body))
	if err != nil {
		return ErrURL
	}
	now := time.Now()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Muster-Hooks/1")
	req.Header.Set(SignatureHeader, sign(body, now, k.signing(now)...))
	res, err := h.client.Do(req)
	if err != nil {
		return reason(err)
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, maxAnswer)
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("the answer was %d", res.StatusCode)
	}
	return nil
}

// reason is what a studio may know of an error: not where a name has led
// inside of our network.
func reason(err error) error {
	if errors.Is(err, ErrTarget) {
		return ErrTarget
	}
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return errors.New("there was no answer in time")
		}
		err = u.Err
	}
	s := strings.ToValidUTF8(err.Error(), "?")
	return errors.New(strings.ToValidUTF8(s[:min(len(s), maxReason)], ""))
}

package api

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"slices"
	"testing"
)

// TestTheDocumentIsPacked for those who take that, and the same for all.
func TestTheDocumentIsPacked(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		for _, path := range []string{"/v1/openapi.json", "/v1/docs"} {
			plain := s.ask("GET", path, "").is("plain", 200, "")
			for accept, want := range map[string]bool{
				"gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "deflate, gzip; q=1.0, *;q=0.5": true,
				"": false, "gzip;q=0": false, "gzip;q=0.0, br": false, "br": false, "*": false, "identity": false, "gzip;q=x": false, "gzipped": false, ";q=1": false,
			} {
				r := httptest.NewRequest("GET", path, nil)
				r.Header.Set("Accept-Encoding", accept)
				a := httptest.NewRecorder()
				s.ServeHTTP(a, r)
				body := a.Body.Bytes()
				if packed := a.Header().Get("Content-Encoding") == "gzip"; packed != want {
					t.Errorf("%s for %q: packed %v", path, accept, packed)
				} else if packed {
					body = unpacked(t, body)
				}
				if !bytes.Equal(body, plain.Body.Bytes()) {
					t.Errorf("%s for %q is another", path, accept)
				}
				if vary := a.Header().Values("Vary"); !slices.Contains(vary, "Accept-Encoding") || !slices.Contains(vary, "Origin") {
					t.Errorf("%s: Vary %q", path, vary)
				}
			}
		}
	})
}

func unpacked(t *testing.T, body []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

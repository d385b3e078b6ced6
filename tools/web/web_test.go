package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPagesAndWhatTheyName(t *testing.T) {
	asset := regexp.MustCompile(`"(/assets/[^"]+)"`)
	for _, path := range []string{"/", "/play/coins"} {
		res := get(t, path)
		page := body(t, res.Body)
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/html; charset=utf-8" || res.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v", path, res.StatusCode, res.Header)
		}
		names := asset.FindAllStringSubmatch(page, -1)
		if len(names) < 2 {
			t.Errorf("%s names %d assets", path, len(names))
		}
		for _, n := range names {
			res := get(t, n[1])
			if res.StatusCode != 200 || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") || res.Header.Get("Content-Type") == "" {
				t.Errorf("%s: %d %v", n[1], res.StatusCode, res.Header)
			}
		}
	}
}

func TestNothingElse(t *testing.T) {
	for _, path := range []string{"/index.html", "/play/", "/play/a/b", "/assets/", "/assets/none.js", "/assets/..%2findex.html", "/dist/index.html"} {
		if res := get(t, path); res.StatusCode != 404 {
			t.Errorf("%s: got %d, want 404", path, res.StatusCode)
		}
	}
}

// One who reads pages is led back; whatever else asks gets a line of text.
func TestNothingElseAsAPage(t *testing.T) {
	for _, path := range []string{"/play/", "/play/a/b", "/nowhere", "/nothing.html"} {
		res := get(t, path, "Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		page := body(t, res.Body)
		if res.StatusCode != 404 || res.Header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(page, `href="/"`) {
			t.Errorf("%s: %d %v\n%s", path, res.StatusCode, res.Header, page)
		}
		if res.Header.Get("Content-Security-Policy") != policy {
			t.Errorf("%s has no policy", path)
		}
		if res := get(t, path, "Accept", "application/json"); res.StatusCode != 404 || strings.Contains(body(t, res.Body), "<") {
			t.Errorf("%s: no page was asked for", path)
		}
	}
}

func TestHeaders(t *testing.T) {
	res := get(t, "/")
	for name, want := range map[string]string{"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff"} {
		if got := res.Header.Get(name); !strings.Contains(got, want) {
			t.Errorf("%s: %q lacks %q", name, got, want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Error("the policy has something unsafe")
	}
}

func TestUnchangedAndZipped(t *testing.T) {
	plain := get(t, "/")
	want := body(t, plain.Body)
	if res := get(t, "/", "If-None-Match", plain.Header.Get("ETag")); res.StatusCode != 304 || body(t, res.Body) != "" {
		t.Errorf("with the tag: %d", res.StatusCode)
	}
	res := get(t, "/", "Accept-Encoding", "br, gzip")
	if res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("not zipped: %v", res.Header)
	}
	z, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := body(t, z); got != want {
		t.Error("zipped and plain differ")
	}
}

// The built files are small, run under the policy, and do not say where they
// were built.
func TestBuiltFiles(t *testing.T) {
	inline := regexp.MustCompile(`<script>|<style|\sstyle=|\son[a-z]+=|javascript:`)
	err := fs.WalkDir(dist, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := dist.ReadFile(name)
		if len(b) > 200<<10 {
			t.Errorf("%s has %d KB", name, len(b)>>10)
		}
		if bytes.Contains(b, []byte("/home/")) || bytes.Contains(b, []byte("node_modules")) || bytes.Contains(b, []byte("sourceMappingURL")) {
			t.Errorf("%s names paths of the machine it was built on", name)
		}
		if strings.HasSuffix(name, ".html") && inline.Match(b) {
			t.Errorf("%s has inline code or style", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Package web is what a player opens in a browser: the page of the arena and the
// swarm, and for any other game a page made from its schema. The files are built
// from TypeScript by `npm run build` and embedded, so that a Go toolchain alone
// makes a server that one can play on.
//
//	/              both games: name, mode, Play, and what players do between matches
//	/play/{mode}   any mode, drawn and steered from its schema
//	/assets/…      scripts and styles, named after their content
//	anything else  404, with a page for those who read pages
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed dist
var dist embed.FS

// policy lets a page load what this server serves and nothing else. Sockets
// may go elsewhere: an assignment names the node that has the match.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self' ws: wss:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// A file is one of the embedded ones, ready to be sent.
type file struct {
	plain, zipped []byte // zipped is nil where it would not be smaller
	kind          string // Content-Type
	tag           string // ETag
	forever       bool   // its name changes with its content
}

// Handler serves the pages. It answers 404 to all it does not know, so it can
// stand behind any other routes: with a page that leads back where one is
// asked for.
func Handler() http.Handler {
	files := load()
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", files["index.html"])
	mux.Handle("GET /play/{mode}", files["play.html"])
	mux.HandleFunc("GET /assets/{name}", func(w http.ResponseWriter, r *http.Request) {
		if f := files["assets/"+r.PathValue("name")]; f != nil {
			f.ServeHTTP(w, r)
			return
		}
		http.NotFound(w, r)
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Accept"), "text/html") {
			files["nothing.html"].send(w, r, http.StatusNotFound)
			return
		}
		http.NotFound(w, r)
	})
	return mux
}

// load reads all that is embedded. What is wrong with it was wrong when the
// program was built, so it panics.
func load() map[string]*file {
	files := map[string]*file{}
	err := fs.WalkDir(dist, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := dist.ReadFile(name)
		name = strings.TrimPrefix(name, "dist/")
		files[name] = newFile(name, b)
		return err
	})
	if err != nil || files["index.html"] == nil || files["play.html"] == nil || files["nothing.html"] == nil {
		panic("web: dist is not whole; run npm run build in tools/web")
	}
	return files
}

func newFile(name string, b []byte) *file {
	sum := sha256.Sum256(b)
	f := &file{plain: b, kind: kindOf(name), tag: `"` + hex.EncodeToString(sum[:8]) + `"`, forever: strings.HasPrefix(name, "assets/")}
	var zipped bytes.Buffer
	z, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	_, _ = z.Write(b) // to memory: cannot fail
	_ = z.Close()
	if zipped.Len() < len(b)*9/10 {
		f.zipped = zipped.Bytes()
	}
	return f
}

// kindOf does not ask the system, whose answers differ.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// ServeHTTP sends the file, or 304 to those who have it.
func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("If-None-Match"), f.tag) {
		f.head(w.Header())
		w.WriteHeader(http.StatusNotModified)
		return
	}
	f.send(w, r, http.StatusOK)
}

// head sets the headers that the file always has.
func (f *file) head(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("ETag", f.tag)
	h.Set("Vary", "Accept-Encoding")
	if f.forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
}

// send sends the file, zipped to those who can read that.
func (f *file) send(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	f.head(h)
	body := f.plain
	if f.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		body = f.zipped
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Type", f.kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a reader that went away is no concern of ours
	}
}

package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/musterhq/muster/protocol/bus"
)

// control is where a running server is told what only its operator may: HTTP on
// a unix socket in the data folder, in a directory that only its user may enter.
//
//	GET  /id              names this start of the server
//	GET  /backup          what is kept, as [bus.Node.Backup] writes it
//	POST /restore?staged= puts a folder of bus.Stage in its place, answers where
//	                      what was there before will be, and begins anew
//	POST /role?name=&role= gives an account a role, answers what `muster role` says
type control struct {
	node     *bus.Node
	role     http.HandlerFunc
	operated func(action, target string, err error, how ...slog.Attr)
	id       string
	dir      string        // of the socket, or a link to that
	listener net.Listener  // nil where nothing is kept, or there can be none
	replaced chan struct{} // closed when a restore waits for the server to begin anew
	once     sync.Once
}

// controlName is of a directory in the data folder, or of a link to one where
// the path of a socket in it would be too long.
const (
	controlName = "control"
	socketName  = "socket"
	maxSocket   = 100 // bytes: 104 with the zero, where it is least
)

// openControl listens. That it cannot is no reason not to serve players.
func (s *Server) openControl() {
	s.control = &control{node: s.node, role: s.role, operated: s.operated, id: rand.Text(), dir: filepath.Join(s.cfg.Data, controlName), replaced: make(chan struct{})}
	if s.cfg.Data == bus.Memory {
		return
	}
	var err error
	if s.control.listener, err = listenControl(s.cfg.Data); err != nil {
		s.log.Warn("backup, restore and role work only while the server is stopped", "err", err)
	}
}

func listenControl(data string) (net.Listener, error) {
	dir := filepath.Join(data, controlName)
	forgetControl(dir) // of a process that was killed
	if len(filepath.Join(dir, socketName)) <= maxSocket {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, err
		}
	} else if err := linkElsewhere(dir); err != nil {
		return nil, err
	}
	return net.Listen("unix", controlSocket(data))
}

// linkElsewhere makes a directory with a short path, and dir a link to it.
func linkElsewhere(dir string) error {
	short, err := os.MkdirTemp("", "muster-")
	if err != nil {
		return err
	}
	return os.Symlink(short, dir)
}

// forgetControl removes the directory and what it leads to: nothing but a
// socket and an empty directory can go by this.
func forgetControl(dir string) {
	if elsewhere, err := os.Readlink(dir); err == nil {
		_ = os.Remove(filepath.Join(elsewhere, socketName))
		_ = os.Remove(elsewhere)
	} else {
		_ = os.Remove(filepath.Join(dir, socketName))
	}
	_ = os.Remove(dir)
}

func controlSocket(data string) string {
	dir := filepath.Join(data, controlName)
	if elsewhere, err := os.Readlink(dir); err == nil {
		dir = elsewhere
	}
	return filepath.Join(dir, socketName)
}

// run answers until ctx ends; a backup under way is cut short then.
func (c *control) run(ctx context.Context) error {
	if c.listener == nil {
		return nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /id", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, c.id) })
	mux.HandleFunc("GET /backup", func(w http.ResponseWriter, r *http.Request) {
		err := c.node.Backup(r.Context(), w)
		c.operated("server.backup", "", err)
		if err != nil {
			panic(http.ErrAbortHandler) // the client sees that it is not whole
		}
	})
	mux.HandleFunc("POST /restore", c.restore)
	mux.HandleFunc("POST /role", c.role)
	server := &http.Server{
		Handler: mux, ReadTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	closed := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		soon, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		closed <- errors.Join(server.Shutdown(soon), server.Close())
	})
	err := server.Serve(c.listener)
	if stop() {
		return fmt.Errorf("control: %w", err)
	}
	<-closed
	forgetControl(c.dir)
	return nil
}

func (c *control) restore(w http.ResponseWriter, r *http.Request) {
	before, err := c.node.Replace(r.URL.Query().Get("staged"))
	c.operated("server.restore", "", err, slog.String("before", before))
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	fmt.Fprint(w, before)
	c.once.Do(func() { close(c.replaced) })
}

// operated notes in the audit log what was done by whoever may enter the data
// folder.
func (s *Server) operated(action, target string, err error, how ...slog.Attr) {
	outcome := "ok"
	if err != nil {
		outcome = err.Error()
	}
	s.log.LogAttrs(context.Background(), slog.LevelInfo, "audit", slog.String("action", action), slog.String("target", target),
		slog.String("actor", "operator"), slog.String("outcome", outcome), slog.GroupAttrs("how", how...))
}

// errRestored ends Run where the server is to begin anew.
var errRestored = errors.New("what is kept was restored from a backup")

// A caller speaks to the control of a running server.
type caller struct{ http *http.Client }

func callControl(data string) *caller {
	path := controlSocket(data)
	return &caller{&http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		},
	}}}
}

// ask writes the answer to out.
func (c *caller) ask(ctx context.Context, method, path string, out io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://control"+path, nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<12))
		return fmt.Errorf("the server says: %s", text)
	}
	_, err = io.Copy(out, resp.Body)
	return err
}

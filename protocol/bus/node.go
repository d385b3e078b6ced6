package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Memory as a data folder keeps nothing beyond the process.
const Memory = ":memory:"

// Config says where and how a node keeps things. A zero field means its default.
type Config struct {
	Dir     string // data folder, made where it is missing, or Memory; required
	NoSync  bool   // acknowledge a write before it is on the disk: a process that is killed still loses nothing, a machine may lose two minutes
	Most    int64  // bytes that may be kept in all, default what the disk has
	MinFree int64  // bytes of the disk below which nothing is written any more, default 64 MiB

	Log *slog.Logger // nil is slog.Default
}

// Errors of what is kept.
var (
	ErrNotFound = errors.New("nothing is kept under the key")
	ErrExists   = errors.New("something is kept under the key already")
	ErrConflict = errors.New("what is kept has changed meanwhile")
	ErrNoSpace  = errors.New("the data folder is full")
	ErrDown     = errors.New("the data folder cannot be written")
	ErrDamaged  = errors.New("the data folder is damaged")
	ErrRelease  = errors.New("the data folder is of another release")
	ErrInUse    = errors.New("the data folder is in use by another process")
)

// A Node is one process's NATS server and its own connection to it. It is a
// [Bus], safe for concurrent use.
type Node struct {
	// set by Open and never changed
	cfg    Config
	log    *slog.Logger
	server *server.Server
	conn   *nats.Conn
	js     jetstream.JetStream
	unlock func() error
	marks  *marks             // nil in memory
	temp   string             // a folder for the server's notes in memory, "" on disk
	stop   context.CancelFunc // of the goroutine that watches the folder; nil if it was not fit to start

	health health
	done   sync.WaitGroup // that goroutine

	// gate is held for reading by whoever changes what is kept, and for writing
	// where nothing may change for a moment.
	gate     sync.RWMutex
	closed   bool       // under gate
	snapshot *snapshot  // under gate: what a backup reads, or nil
	backups  sync.Mutex // held while there is a snapshot

	mu   sync.Mutex
	open map[string]jetstream.Stream // under mu: streams that are open, by name
}

// syncInterval is how long a write may take to come to the disk with NoSync.
const syncInterval = 2 * time.Minute

// startTimeout is for a server to come up with all that is kept, and to begin
// with reading a stream: the index of a large folder takes a while.
const startTimeout = time.Minute

// Open starts a node on its data folder. ErrInUse, ErrDamaged and ErrNoSpace
// say why it may not.
func Open(cfg Config) (*Node, error) {
	if cfg.Dir == "" {
		return nil, errors.New("bus: no data folder")
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.MinFree == 0 {
		cfg.MinFree = 64 << 20
	}
	n := &Node{cfg: cfg, log: cfg.Log, open: make(map[string]jetstream.Stream)}
	n.unlock = func() error { return nil }
	n.health.down = make(chan struct{})
	if err := n.start(); err != nil {
		return nil, errors.Join(fmt.Errorf("data folder %s: %w", cfg.Dir, err), n.Close())
	}
	return n, nil
}

func (n *Node) start() (err error) {
	if n.kept() {
		if err := n.claim(); err != nil {
			return err
		}
	}
	if err := n.serve(); err != nil {
		return err
	}
	if n.kept() {
		if err := errors.Join(n.inspect(context.Background()), n.openCanary()); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	n.stop = stop
	n.done.Go(func() { n.watch(ctx) })
	return nil
}

// kept says that things outlive the process.
func (n *Node) kept() bool { return n.cfg.Dir != Memory }

// claim makes the folder ours alone, and reads what shall be in it.
func (n *Node) claim() (err error) {
	if n.unlock, err = lockDir(n.cfg.Dir); err != nil {
		n.unlock = func() error { return nil }
		return err
	}
	if free, err := freeBytes(n.cfg.Dir); err == nil && free < n.cfg.MinFree {
		return fmt.Errorf("%w: %d MiB are free, want %d", ErrNoSpace, free>>20, n.cfg.MinFree>>20)
	}
	if err := errors.Join(finishReplacing(n.cfg.Dir), forgetStaged(n.cfg.Dir)); err != nil {
		return err
	}
	n.marks, err = readMarks(n.cfg.Dir)
	return err
}

// serve starts the server and connects to it within the process.
func (n *Node) serve() (err error) {
	opts := &server.Options{
		ServerName: "muster", DontListen: true, NoSigs: true, NoLog: true,
		JetStream: true, JetStreamMaxMemory: 1 << 30, JetStreamMaxStore: 1 << 50,
		SyncAlways: !n.cfg.NoSync, SyncInterval: syncInterval, MaxPayload: maxMessage, DisableJetStreamBanner: true,
	}
	if n.cfg.Most > 0 {
		opts.JetStreamMaxStore = n.cfg.Most
	}
	if opts.StoreDir, err = n.storeDir(); err != nil {
		return err
	}
	if n.server, err = server.NewServer(opts); err != nil {
		return err
	}
	n.server.Start()
	if !n.server.ReadyForConnections(startTimeout) {
		return fmt.Errorf("%w: NATS did not come up", ErrDamaged)
	}
	n.conn, err = nats.Connect("", nats.InProcessServer(n.server), nats.Name("muster"), nats.Timeout(startTimeout),
		nats.MaxReconnects(-1), nats.ReconnectBufSize(-1), nats.ErrorHandler(n.complain))
	if err != nil {
		return err
	}
	n.js, err = jetstream.New(n.conn, jetstream.WithDefaultTimeout(writeTimeout))
	return err
}

// storeDir is where the server keeps its files: it has some even if all that it
// keeps is in memory.
func (n *Node) storeDir() (dir string, err error) {
	if n.kept() {
		return filepath.Join(n.cfg.Dir, logName), nil
	}
	n.temp, err = os.MkdirTemp("", "muster")
	return n.temp, err
}

// complain hears what goes wrong beside any call, such as a subscriber that
// does not keep up.
func (n *Node) complain(_ *nats.Conn, sub *nats.Subscription, err error) {
	subject := ""
	if sub != nil {
		subject = sub.Subject
	}
	n.log.Error("bus", "subject", subject, "err", err)
}

// Close stops the node, after the writes that are under way. What was
// acknowledged is kept.
func (n *Node) Close() error {
	var err error
	marked := false
	if n.stop != nil {
		n.stop()
		n.done.Wait()
		marked, err = n.lastNote()
	}
	if n.conn != nil {
		n.conn.Close()
	}
	if n.server != nil {
		// JetStream first, by itself: where somebody reads, Shutdown tells them
		// and sleeps under a lock, and who waits for that lock stops fake time.
		_ = n.server.ShutdownJetStream()
		n.server.Shutdown()
		n.server.WaitForShutdown()
	}
	if marked {
		n.marks.clean = true
		err = n.writeMarks()
	}
	if n.temp != "" {
		err = errors.Join(err, os.RemoveAll(n.temp))
	}
	return errors.Join(err, n.unlock())
}

// lastNote ends writing, and notes what there is.
func (n *Node) lastNote() (marked bool, err error) {
	n.gate.Lock()
	n.closed = true
	n.gate.Unlock()
	if n.marks == nil || n.health.failed() { // then the server believes in what is not on the disk
		return false, nil
	}
	n.marks.mu.Lock()
	defer n.marks.mu.Unlock()
	_, err = n.survey()
	return err == nil, err
}

//go:build linux && (amd64 || arm64)

package socket

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/lxzan/gws"

	"github.com/musterhq/muster/protocol"
)

// BenchmarkRoom compares ways to serve rooms of clients at 30 Hz, 150 bytes
// up and down for each client and tick, with no game: over the beat, over the
// pump, and gws as it is usually run, a ReadLoop goroutine for each connection
// and WriteMessage on each tick; the bound is one read and one write for each
// client and tick, with nobody parsing anything. Each way is a child process, so that its CPU
// time is its own; the ways take turns within the run, so that what the
// machine does besides hits all of them. Reported are µs of CPU for each
// client and tick, and the usual way's over the beat's.
func BenchmarkRoom(b *testing.B) {
	for _, shape := range []shape{{50, 10}, {1, 100}, {100, 10}} {
		b.Run(shape.String(), func(b *testing.B) {
			for b.Loop() {
				benchmark(b, shape)
			}
		})
	}
}

const (
	benchHz    = 30
	benchBytes = 150
	benchTurns = 3
	benchTurn  = 700 * time.Millisecond
	benchSlice = 16 // of a load tick: inputs do not all come at once
)

type shape struct{ rooms, clients int }

func (s shape) String() string { return fmt.Sprintf("%dx%d", s.rooms, s.clients) }

func benchmark(b *testing.B, s shape) {
	ways := []string{"bound", "beat", "pump", "usual"}
	var children []*child
	for _, way := range ways {
		c := startChild(b, way, s)
		defer c.end()
		children = append(children, c)
	}
	for range benchTurns {
		for _, c := range children {
			c.turn(b)
		}
	}
	for i, way := range ways {
		b.ReportMetric(children[i].cost(), way+"_us/client-tick")
		b.ReportMetric(children[i].memory, way+"_KiB/client")
	}
	b.ReportMetric(children[3].cost()/children[1].cost(), "ratio")
	b.ReportMetric(children[3].inputs/children[3].ticks, "inputs/client-tick") // 1 unless the machine is overloaded
	b.ReportMetric(0, "ns/op")
}

// A child is a server process and the load on it.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	lines  []line
	costs  []float64
	inputs float64 // sent on all turns
	ticks  float64 // client-ticks the server has made meanwhile
	memory float64
}

func startChild(b *testing.B, way string, s shape) *child {
	c := &child{cmd: exec.Command(os.Args[0], "-test.run=^TestBenchServer$")}
	c.cmd.Env = append(os.Environ(), fmt.Sprintf("SOCKET_BENCH=%s %d %d", way, s.rooms, s.clients), "GOMAXPROCS=2")
	c.cmd.Stderr = os.Stderr
	var err error
	c.in, err = c.cmd.StdinPipe()
	must(b, err)
	out, err := c.cmd.StdoutPipe()
	must(b, err)
	c.out = bufio.NewReader(out)
	must(b, c.cmd.Start())
	var addr string
	var before, after float64
	c.hear(b, "listens %s %f", &addr, &before)
	for range s.rooms * s.clients {
		c.lines = append(c.lines, benchClient(b, addr))
	}
	c.turn(b) // to warm up
	c.costs = nil
	c.tell("memory")
	c.hear(b, "memory %f", &after)
	c.memory = (after - before) / float64(len(c.lines))
	return c
}

// benchClient connects and keeps nothing of Go's network in the way.
func benchClient(b *testing.B, addr string) line {
	nc, err := net.Dial("tcp", addr)
	must(b, err)
	_, err = nc.Write([]byte(handshakeHead + "\r\n"))
	must(b, err)
	_, err = http.ReadResponse(bufio.NewReaderSize(nc, 16), nil)
	must(b, err)
	ln, ok := takeLine(nc, 64<<10)
	if !ok {
		b.Fatal("no raw line")
	}
	return ln
}

func (c *child) tell(what string) { fmt.Fprintln(c.in, what) }

func (c *child) hear(b *testing.B, format string, into ...any) {
	for {
		got, err := c.out.ReadString('\n')
		must(b, err)
		if n, _ := fmt.Sscanf(got, format, into...); n == len(into) {
			return
		}
	}
}

// turn loads the server for a while and asks what that has cost it.
func (c *child) turn(b *testing.B) {
	var micros float64
	ctx, cancel := context.WithTimeout(context.Background(), benchTurn)
	defer cancel()
	c.tell("start")
	c.load(ctx)
	c.tell("stop")
	var ticks float64
	c.hear(b, "cost %f %f", &micros, &ticks)
	c.costs = append(c.costs, micros/ticks)
	c.ticks += ticks
}

// load sends an input for each client and tick, and drains what comes. It
// keeps to absolute times, so that it makes up for what a busy machine delays.
func (c *child) load(ctx context.Context) {
	input := binFrame(strings.Repeat("i", benchBytes))
	waste := make([]byte, 8<<10)
	const slice = time.Second / benchHz / benchSlice
	began := time.Now()
	for i := 0; ctx.Err() == nil; i++ {
		<-time.After(time.Until(began.Add(time.Duration(i) * slice)))
		for j := i % benchSlice; j < len(c.lines); j += benchSlice {
			c.lines[j].write(input)
			c.lines[j].read(waste)
			c.inputs++
		}
	}
}

func (c *child) cost() float64 {
	slices.Sort(c.costs)
	return c.costs[len(c.costs)/2]
}

func (c *child) end() {
	for _, ln := range c.lines {
		ln.close()
	}
	c.in.Close()
	c.cmd.Wait()
}

// TestBenchServer is the child process.
func TestBenchServer(t *testing.T) {
	var way string
	var s shape
	if n, _ := fmt.Sscanf(os.Getenv("SOCKET_BENCH"), "%s %d %d", &way, &s.rooms, &s.clients); n != 3 {
		t.Skip("runs only as a child of BenchmarkRoom")
	}
	ln, err := Listen("127.0.0.1:0", "", "")
	must(t, err)
	srv := &benchServer{shape: s, rooms: make([][]benchClientEnd, s.rooms)}
	go http.Serve(ln, srv.handler(way))
	fmt.Printf("listens %s %f\n", ln.Addr(), rss())
	commands := bufio.NewScanner(os.Stdin)
	var cpu time.Duration
	var ticks int64
	for commands.Scan() {
		switch commands.Text() {
		case "start":
			cpu, ticks = cpuTime(), srv.ticks.Load()
		case "stop":
			fmt.Printf("cost %d %d\n", (cpuTime() - cpu).Microseconds(), srv.ticks.Load()-ticks)
		case "memory":
			fmt.Printf("memory %f\n", rss())
		}
	}
	os.Exit(0) // its rooms play on for ever
}

// A benchServer fills its rooms with those who come, and starts the rooms
// when all are there.
type benchServer struct {
	shape
	mu    sync.Mutex
	rooms [][]benchClientEnd
	count int
	ticks atomic.Int64 // of all clients
}

// A benchClientEnd is what a room does with a client on each tick.
type benchClientEnd interface{ tick(head, body []byte) }

func (s *benchServer) handler(way string) http.Handler {
	up := NewUpgrader(Config{Pump: way == "pump"})
	usual := gws.NewUpgrader(gws.BuiltinEventHandler{}, &gws.ServerOption{
		ReadMaxPayloadSize: 4096, ReadBufferSize: 512, SubProtocols: []string{Subprotocol},
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if way == "bound" {
			if c, err := up.Upgrade(w, r, protocol.Player{}, ""); err == nil {
				s.seat(&boundEnd{line: c.link.line})
			}
			return
		}
		if way == "usual" {
			c, err := usual.Upgrade(w, r)
			if err == nil {
				go c.ReadLoop()
				s.seat(usualEnd{c})
			}
			return
		}
		if c, err := up.Upgrade(w, r, protocol.Player{}, ""); err == nil {
			s.seat(beatEnd{c})
		}
	})
}

func (s *benchServer) seat(c benchClientEnd) {
	s.mu.Lock()
	defer s.mu.Unlock()
	room := s.count % len(s.rooms)
	s.rooms[room] = append(s.rooms[room], c)
	if s.count++; s.count < len(s.rooms)*s.clients {
		return
	}
	for i := range s.rooms {
		go s.play(i)
	}
}

// play is a room's goroutine. The rooms' phases are spread over the tick.
func (s *benchServer) play(i int) {
	head, body := make([]byte, 10), bytes.Repeat([]byte("s"), benchBytes-10)
	<-time.After(time.Second / benchHz * time.Duration(i) / time.Duration(len(s.rooms)))
	for range time.Tick(time.Second / benchHz) {
		for _, c := range s.rooms[i] {
			c.tick(head, body)
		}
		s.ticks.Add(int64(s.clients))
	}
}

type beatEnd struct{ *Conn }

func (e beatEnd) tick(head, body []byte) {
	e.Read(e)
	e.Frame(head, body)
	e.Flush()
}

func (beatEnd) Message(*Conn, []byte) Verdict { return Continue }

type boundEnd struct {
	line
	in, out [512]byte
}

func (e *boundEnd) tick(head, body []byte) {
	e.read(e.in[:])
	n := copy(e.out[:], appendHeader(e.out[:0], opBinary, len(head)+len(body)))
	n += copy(e.out[n:], head)
	n += copy(e.out[n:], body)
	e.write(e.out[:n])
}

type usualEnd struct{ *gws.Conn }

func (e usualEnd) tick(head, body []byte) {
	e.Writev(gws.OpcodeBinary, head, body)
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// rss is this process's resident memory in KiB.
func rss() float64 {
	var size, resident float64
	b, _ := os.ReadFile("/proc/self/statm")
	fmt.Sscan(string(b), &size, &resident)
	return resident * float64(os.Getpagesize()) / 1024
}

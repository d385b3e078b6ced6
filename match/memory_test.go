//go:build linux

package match

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/socket"
	"github.com/musterhq/muster/protocol/socket/sockettest"
)

// BenchmarkMemory prints what a connection costs this process in memory: the
// slope from 1,000 to 5,000 of them over real TCP, their clients in another
// process, each alive and acking. Players come as they do to a server: into the
// hall, and from there by a Join with a pass over the wire. Live heap after a collection and stacks are
// Go's own accounting, rss is the system's. In matches the number of these, and
// so their snapshots and records, is the same all the while: they are
// reported apart, as KB/match without anybody connected. In the hall 10,000
// connections with a heartbeat a second are told of, too.
func BenchmarkMemory(b *testing.B) {
	for _, place := range []string{"match", "hall"} {
		for _, secure := range []bool{false, true} {
			b.Run(place+map[bool]string{true: "-tls"}[secure], func(b *testing.B) {
				for b.Loop() {
					benchMemory(b, place, secure)
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// Shape of the matches: enough seats for all.
const (
	memoryMatches = 50
	memorySeats   = 100
	memoryHz      = 4 // so slow that the machine keeps up
)

func benchMemory(b *testing.B, place string, secure bool) {
	a := newAbode(b, place == "match", secure)
	crowd := startCrowd(b, a.listener.Addr().String(), place, secure)
	crowd.grow(1000)
	if place == "match" {
		<-time.After(joinWait + 40*time.Second/memoryHz) // until they run, and have snapshots of each past tick
	}
	few := a.weigh(1000)
	crowd.grow(5000)
	many := a.weigh(5000)
	per := func(few, many float64) float64 { return (many - few) / 4000 / 1024 }
	b.ReportMetric(per(few.heap, many.heap), "heap_KB/conn")
	b.ReportMetric(per(few.stack, many.stack), "stack_KB/conn")
	b.ReportMetric(per(few.heap+few.stack, many.heap+many.stack), "KB/conn")
	b.ReportMetric(per(few.rss, many.rss), "rss_KB/conn")
	if place == "match" {
		b.ReportMetric(a.matches/memoryMatches/1024, "KB/match")
	} else if !secure {
		crowd.grow(10_000)
		all := a.weigh(10_000)
		b.ReportMetric((all.heap+all.stack)/(1<<20), "MB-at-10000")
		b.ReportMetric(all.rss/(1<<20), "rss_MB-at-10000")
	}
}

// An abode is where connections stand: a hall, and matches if it has any.
type abode struct {
	b        *testing.B
	listener net.Listener
	hall     *socket.Hall
	board    *socket.Switchboard
	here     atomic.Int32 // connections
	playing  bool         // in matches
	matches  float64      // bytes that these take
}

// Entered, Left and Message are of the handler of the abode's hall.
func (a *abode) Entered(*socket.Conn, any) {}
func (a *abode) Left(*socket.Conn, error)  {}
func (a *abode) Message(c *socket.Conn, b []byte) socket.Verdict {
	m, err := protocol.ParseClient(b)
	if err != nil {
		return socket.Continue
	}
	switch m := m.(type) {
	case protocol.Ping:
		c.Send(protocol.Append(nil, protocol.Pong(m)))
	case protocol.Join:
		if to, known := a.board.Find(m.Match); known && a.hall.Give(c, to, m) {
			return socket.Yield
		}
	}
	return socket.Continue
}

// Opened, Closed, Read and Wrote are of the meter of its connections.
func (a *abode) Opened()                { a.here.Add(1) }
func (a *abode) Closed(protocol.Reason) { a.here.Add(-1) }
func (a *abode) Read(int)               {}
func (a *abode) Wrote(int)              {}

func newAbode(b *testing.B, matches, secure bool) *abode {
	a := &abode{b: b, board: socket.NewSwitchboard(), playing: matches}
	up := socket.NewUpgrader(socket.Config{Linger: time.Millisecond, Meter: a, Log: slog.New(slog.DiscardHandler)})
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var conf *tls.Config
	if secure {
		conf = selfSigned(b)
	}
	a.listener = socket.NewListener(inner, conf)
	a.hall = socket.NewHall(socket.HallConfig{Handler: a, Capacity: 20_000})
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() { a.hall.Run(ctx) })
	all.Go(func() { a.accept(up) })
	b.Cleanup(func() {
		_ = a.listener.Close()
		cancel()
		all.Wait()
		up.Close()
	})
	if matches {
		before := a.measure(0)
		a.startMatches()
		after := a.measure(0) // they do nothing yet
		a.matches = after.heap + after.stack - before.heap - before.stack
	}
	return a
}

// startMatches starts matches in which every seat is some player's.
func (a *abode) startMatches() {
	mode := mustMode(a.b, arena.NewMode(arena.Options{Name: "bench", Seats: memorySeats, Hz: memoryHz, RoundSeconds: 100_000}))
	host, err := NewHost(Config{Modes: []*game.Mode{mode}, PassKey: passKey, PassLife: time.Hour, Log: slog.New(slog.DiscardHandler),
		Hall: func(c *socket.Conn, note any) { a.hall.Take(c, note) }}, bus.NewLocal(), a.board)
	if err != nil {
		a.b.Fatal(err)
	}
	for i := range memoryMatches {
		start := &protocol.Start{Match: memoryMatch(i), Mode: mode.Name, Seed: uint64(i)}
		for seat := range memorySeats {
			start.Seats = append(start.Seats, protocol.StartSeat{Seat: game.Seat(seat), Player: memoryPlayer(seat*memoryMatches + i)})
		}
		if placed := host.start(context.Background(), start); placed.Refuse != "" {
			a.b.Fatal(placed.Refuse)
		}
	}
	a.b.Cleanup(func() {
		for _, m := range host.takeNoMore() {
			m.cancel()
		}
		host.wg.Wait()
	})
}

func (a *abode) accept(up *socket.Upgrader) {
	for i := 0; ; i++ {
		nc, err := a.listener.Accept()
		if err != nil {
			return
		}
		go a.receive(up, nc, i)
	}
}

// receive brings the i-th to come into the hall.
func (a *abode) receive(up *socket.Upgrader, nc net.Conn, i int) {
	if sealed, ok := nc.(*tls.Conn); ok && sealed.Handshake() != nil {
		_ = nc.Close()
		return
	}
	if c, err := up.Adopt(nc, nil, memoryPlayer(i)); err == nil {
		a.hall.Take(c, nil)
	}
}

// memoryMatch and memoryPlayer have ids as long as a lobby's are, or a Join
// would be shorter than it is.
func memoryMatch(i int) protocol.MatchID { return protocol.MatchID(fmt.Sprintf("%026d", i)) }
func memoryPlayer(i int) protocol.Player {
	return protocol.Player{ID: protocol.PlayerID(fmt.Sprintf("%026d", i)), Name: fmt.Sprintf("Player %d", i)}
}

// joinOf is what the i-th to come says: the players fill all matches alike.
func joinOf(i int) protocol.Join {
	match := memoryMatch(i % memoryMatches)
	pass := protocol.Pass{Match: match, Player: memoryPlayer(i).ID, Seat: game.Seat(i / memoryMatches), Expires: time.Now().Add(time.Hour)}
	return protocol.Join{Match: match, Pass: pass.Seal(passKey)}
}

// A weight is how many bytes this process holds.
type weight struct{ heap, stack, rss float64 }

// weigh is measure, once all connections stand where they shall.
func (a *abode) weigh(conns int) weight {
	w := a.measure(3 * time.Second)
	if n := int(a.here.Load()); n != conns || a.playing && a.hall.Count() > 0 {
		a.b.Fatalf("there are %d connections of %d, %d stand in the hall: is the machine too busy?", n, conns, a.hall.Count())
	}
	return w
}

// measure lets some beats pass before it looks, so that buffers have their size.
func (a *abode) measure(beats time.Duration) (w weight) {
	<-time.After(beats)
	runtime.GC() // empties the pools
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		a.b.Fatal(err)
	}
	var size, pages int
	_, _ = fmt.Sscan(string(data), &size, &pages)
	return weight{float64(m.HeapAlloc), float64(m.StackInuse), float64(pages * os.Getpagesize())}
}

func selfSigned(tb testing.TB) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		tb.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// A crowd is clients in a process of their own.
type crowd struct {
	b   *testing.B
	in  io.Writer
	out *bufio.Reader
}

const crowdEnv = "MATCH_CROWD" // set in that process: address, place, and tls or not

func startCrowd(b *testing.B, addr, place string, secure bool) *crowd {
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrowd$", "-test.timeout=10m")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %v", crowdEnv, addr, place, secure))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	return &crowd{b, in, bufio.NewReader(out)}
}

// grow has so many clients connected, each of which has heard something.
func (c *crowd) grow(n int) {
	fmt.Fprintln(c.in, n)
	for {
		line, err := c.out.ReadString('\n')
		if err != nil {
			c.b.Fatal("the crowd has gone: ", err)
		}
		if strings.HasPrefix(line, "here") {
			return
		}
	}
}

// TestCrowd is the crowd's process, and nothing elsewhere.
func TestCrowd(t *testing.T) {
	var addr, place string
	var secure bool
	if n, _ := fmt.Sscan(os.Getenv(crowdEnv), &addr, &place, &secure); n < 3 {
		t.Skip("the clients of BenchmarkMemory")
	}
	var heard sync.WaitGroup
	for have, want := 0, 0; ; {
		if _, err := fmt.Scan(&want); err != nil {
			os.Exit(0) // with all its connections
		}
		for ; have < want; have++ {
			nc, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			if secure {
				// The quickest key exchange: how a session began is no part of what it holds.
				nc = tls.Client(nc, &tls.Config{InsecureSkipVerify: true, CurvePreferences: []tls.CurveID{tls.X25519}})
			}
			heard.Add(1)
			nc = &listening{Conn: nc, heard: heard.Done}
			if place == "hall" {
				go beatHeart(nc)
			} else {
				go ackAll(nc, joinOf(have))
			}
		}
		heard.Wait()
		fmt.Println("here")
	}
}

// A listening connection tells once that something was read, or that nothing
// will be.
type listening struct {
	net.Conn
	heard func()
}

func (l *listening) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if l.heard != nil {
		l.heard()
		l.heard = nil
	}
	return n, err
}

// beatHeart sends a ping a second, and answers those that come.
func beatHeart(nc net.Conn) {
	go answerPings(nc)
	ping := sockettest.Frame(sockettest.Binary, protocol.Append(nil, protocol.Ping{}))
	for range time.Tick(time.Second) {
		if _, err := nc.Write(ping); err != nil {
			return
		}
	}
}

// answerPings until nothing comes any more: who did not would be sent away.
func answerPings(nc net.Conn) {
	r := bufio.NewReaderSize(nc, 512)
	for {
		first, b, err := sockettest.Read(r)
		if err != nil {
			return
		}
		if first == sockettest.Ping {
			_, _ = nc.Write(sockettest.Frame(sockettest.Pong, b)) // what went wrong, Read will say
		}
	}
}

// ackAll joins a match and answers every frame with an input.
func ackAll(nc net.Conn, join protocol.Join) {
	_, _ = nc.Write(sockettest.Frame(sockettest.Binary, protocol.Append(nil, join))) // what went wrong, Read will say
	fields := arena.Modes()[0].Schema.Inputs
	r := bufio.NewReaderSize(nc, 512)
	in := protocol.Input{Values: neutral(fields).Values}
	for {
		first, b, err := sockettest.Read(r)
		if err != nil {
			return
		}
		if first != sockettest.Binary || protocol.IsControl(b) || len(b) < 3 {
			continue
		}
		in.Seq, in.Ack = (in.Seq+1)&127, b[2]&127
		if _, err := nc.Write(sockettest.Frame(sockettest.Binary, protocol.AppendInput(nil, &in, fields))); err != nil {
			return
		}
	}
}

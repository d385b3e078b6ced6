//go:build linux

package main

import (
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/lxzan/gws"

	"github.com/musterhq/muster/protocol/socket"
)

// serveArg makes this program the floor or the bound.
const serveArg = "serve"

// A room writes to those who are in it.
type room []func(frame []byte)

// A bare server fills rooms with those who come, and has them tick when all are
// there. It plays nothing.
type bare struct {
	shape
	way   string
	frame []byte // what everybody is sent on each tick
	usual *gws.Upgrader

	mu    sync.Mutex
	rooms []room // under mu until they tick
	count int    // under mu
}

func serve(args []string) int {
	var b bare
	flags := flag.NewFlagSet(serveArg, flag.ExitOnError)
	flags.StringVar(&b.way, "way", wayFloor, "floor or bound")
	flags.IntVar(&b.shape.rooms, "rooms", 1, "")
	flags.IntVar(&b.seats, "seats", 10, "")
	flags.IntVar(&b.hz, "hz", 30, "")
	size := flags.Int("size", 70, "bytes of a frame")
	_ = flags.Parse(args)
	b.rooms = make([]room, b.shape.rooms)
	b.frame = make([]byte, max(*size, hotHead))
	b.frame[0] = 0x96 // as a frame of the server begins: an array, then small integers
	b.usual = gws.NewUpgrader(gws.BuiltinEventHandler{}, &gws.ServerOption{
		ReadMaxPayloadSize: 4096, ReadBufferSize: 512, SubProtocols: []string{socket.Subprotocol},
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	fmt.Printf("listening on http://%s\n", ln.Addr())
	fmt.Fprintln(os.Stderr, "bench:", http.Serve(ln, http.HandlerFunc(b.open)))
	return 1
}

func (b *bare) open(w http.ResponseWriter, r *http.Request) {
	if b.way == wayFloor {
		c, err := b.usual.Upgrade(w, r)
		if err == nil {
			go c.ReadLoop()
			b.seat(func(frame []byte) { _ = c.WriteMessage(gws.OpcodeBinary, frame) })
		}
		return
	}
	if fd, err := hijack(w, r); err == nil {
		in, out := make([]byte, 512), make([]byte, 0, len(b.frame)+4)
		b.seat(func(frame []byte) {
			_, _ = syscall.Read(fd, in)
			_, _ = syscall.Write(fd, append(appendHeader(out, 0x82, len(frame), 0), frame...))
		})
	}
}

// hijack answers the handshake by hand and takes the descriptor out of Go's
// network poller.
func hijack(w http.ResponseWriter, r *http.Request) (fd int, err error) {
	nc, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return 0, err
	}
	defer nc.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	if _, err := fmt.Fprintf(nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]), socket.Subprotocol); err != nil {
		return 0, err
	}
	return takeFD(nc)
}

// takeFD duplicates a connection's descriptor, not to block.
func takeFD(nc net.Conn) (fd int, err error) {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return 0, errors.New("no TCP connection")
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	if err = raw.Control(func(old uintptr) {
		if fd, failed = syscall.Dup(int(old)); failed == nil {
			failed = syscall.SetNonblock(fd, true)
		}
	}); err != nil {
		return 0, err
	}
	return fd, failed
}

func (b *bare) seat(write func(frame []byte)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.count % len(b.rooms)
	b.rooms[r] = append(b.rooms[r], write)
	if b.count++; b.count < b.players() {
		return
	}
	if b.way == wayBound {
		go b.tickAll()
		return
	}
	for i := range b.rooms {
		go b.tick(i)
	}
}

// tick is a room's goroutine; the rooms' phases are spread over the interval.
func (b *bare) tick(i int) {
	interval := time.Second / time.Duration(b.hz)
	time.Sleep(interval * time.Duration(i) / time.Duration(len(b.rooms)))
	for range time.Tick(interval) {
		for _, write := range b.rooms[i] {
			write(b.frame)
		}
	}
}

// tickAll is the same for all rooms on one goroutine.
func (b *bare) tickAll() {
	for range time.Tick(time.Second / time.Duration(b.hz)) {
		for _, r := range b.rooms {
			for _, write := range r {
				write(b.frame)
			}
		}
	}
}

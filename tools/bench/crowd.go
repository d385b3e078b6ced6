//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// crowdArg makes this program a crowd: clients who want nothing but a socket,
// in a process of their own, so that they do not keep those who play and
// measure from their core any longer than the system lets them.
//
// It is told who comes in one line of JSON, a crowd's, and then one by one what
// to do: "open N" opens all sockets, N at a time or 0 for all at once, and is
// answered with an Opened; "cut" breaks them all off, and is answered with {}.
const crowdArg = "crowd"

// A crowd is who comes, and where.
type crowd struct {
	Addr   string   `json:"addr"`
	Tokens []string `json:"tokens"` // one each

	asking chan struct{}

	mu     sync.Mutex
	inside []net.Conn // under mu
	stays  sync.WaitGroup
	cut    atomic.Bool
	lost   atomic.Int32 // of those who were in, since they were let in
}

// Opened is how a crowd got in. Times are from the first try, in ms.
type Opened struct {
	Clients int     `json:"clients"`
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	Max     float64 `json:"max_ms"`
	Lost    int     `json:"lost"`        // never let in, or ended by the server
	Away    int     `json:"turned_away"` // answers that said to come back later
	Failed  int     `json:"failed"`      // tries that got no answer
}

// patience is how long a client of the crowd tries.
const patience = time.Minute

func runCrowd() int {
	in := bufio.NewReader(os.Stdin)
	c := crowd{asking: make(chan struct{}, asking)}
	line, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &c)
	}
	out := json.NewEncoder(os.Stdout)
	for err == nil {
		var text string
		if text, err = in.ReadString('\n'); err != nil {
			break
		}
		atATime := 0
		if n, _ := fmt.Sscanf(text, "open %d", &atATime); n == 1 {
			err = out.Encode(c.open(atATime))
		} else {
			c.leave()
			err = out.Encode(struct{}{})
		}
	}
	if !errors.Is(err, io.EOF) {
		fmt.Fprintln(os.Stderr, "bench: crowd:", err)
		return 1
	}
	return 0
}

// open lets everybody come, so many at a time.
func (c *crowd) open(atATime int) Opened {
	if atATime == 0 {
		atATime = len(c.Tokens)
	}
	c.cut.Store(false)
	c.lost.Store(0)
	all := Opened{Clients: len(c.Tokens)}
	var took [60_001]int32 // by ms
	var mu sync.Mutex
	var wg sync.WaitGroup
	gate := make(chan struct{}, atATime)
	for _, token := range c.Tokens {
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			began := time.Now()
			away, failed, ok := c.enter(token, began)
			mu.Lock()
			defer mu.Unlock()
			all.Away += away
			all.Failed += failed
			if ok {
				took[min(time.Since(began)/time.Millisecond, patience/time.Millisecond)]++
			} else {
				all.Lost++
			}
		})
	}
	wg.Wait()
	all.P50, all.P99, all.Max = float64(quantile(took[:], .5)), float64(quantile(took[:], .99)), float64(quantile(took[:], 1))
	all.Lost += int(c.lost.Load())
	return all
}

// leave breaks all connections off.
func (c *crowd) leave() {
	c.cut.Store(true)
	c.mu.Lock()
	for _, nc := range c.inside {
		_ = nc.Close()
	}
	c.inside = nil
	c.mu.Unlock()
	c.stays.Wait()
}

// enter tries until it is in: as late as it is told, and some, or with full
// jitter where nobody answers.
func (c *crowd) enter(token string, began time.Time) (away, failed int, ok bool) {
	for time.Since(began) < patience {
		after, err := c.knock(token)
		switch {
		case err != nil:
			time.Sleep(rand.N(min(500*time.Millisecond<<min(failed, 5), 10*time.Second)))
			failed++
		case after > 0:
			time.Sleep(after + rand.N(max(after/2, time.Second)))
			away++
		default:
			return away, failed, true
		}
	}
	return away, failed, false
}

// knock tries once; after is when to come back.
func (c *crowd) knock(token string) (after time.Duration, err error) {
	nc, err := c.ask(token)
	if err != nil {
		return 0, err
	}
	br := bufio.NewReaderSize(nc, 512)
	res, err := http.ReadResponse(br, nil)
	if err == nil && res.StatusCode == http.StatusSwitchingProtocols {
		_ = nc.SetDeadline(time.Time{})
		c.mu.Lock()
		c.inside = append(c.inside, nc)
		c.mu.Unlock()
		c.stays.Go(func() { c.stay(nc, br) })
		return 0, nil
	}
	nc.Close()
	if err != nil {
		return 0, err
	}
	seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
	if seconds < 1 {
		return 0, fmt.Errorf("the handshake was answered with %s", res.Status)
	}
	return time.Duration(seconds) * time.Second, nil
}

// asking is how many of a crowd are between dialling and having asked.
const asking = 64

// ask dials and sends the handshake, right after another as a client that has a
// machine of its own does. Where thousands wait for this process's core
// between the two, they would all ask at one moment much later.
func (c *crowd) ask(token string) (net.Conn, error) {
	c.asking <- struct{}{}
	defer func() { <-c.asking }()
	nc, err := net.Dial("tcp", c.Addr)
	if err != nil {
		return nil, err
	}
	_ = nc.SetDeadline(time.Now().Add(patience))
	if _, err = io.WriteString(nc, handshake+"Authorization: Bearer "+token+"\r\n\r\n"); err != nil {
		nc.Close()
	}
	return nc, err
}

// stay answers pings until the connection ends.
func (c *crowd) stay(nc net.Conn, br *bufio.Reader) {
	defer nc.Close()
	for {
		head, err := br.Peek(2)
		if err != nil {
			break
		}
		opcode, n := head[0]&0xf, int(head[1])
		if opcode != 0x9 { // what is said is of no interest
			if n == 126 {
				if head, err = br.Peek(4); err != nil {
					break
				}
				n = 2 + int(head[2])<<8 + int(head[3])
			}
			if _, err = br.Discard(2 + n); err != nil {
				break
			}
			continue
		}
		frame := make([]byte, 2+n)
		if _, err := io.ReadFull(br, frame); err != nil {
			break
		}
		pong := append(appendHeader(nil, 0x8a, n, 0x80), 0, 0, 0, 0)
		if _, err := nc.Write(append(pong, frame[2:]...)); err != nil {
			break
		}
	}
	if !c.cut.Load() {
		c.lost.Add(1)
	}
}

// addr is where a server's URL leads.
func addr(url string) string { return strings.TrimPrefix(url, "http://") }

//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"

	"github.com/musterhq/muster/protocol/client"
)

// A Storm is how a server stands many who come at once.
type Storm struct {
	Handshakes *Opened `json:"handshakes,omitempty"` // for the first time
	Storm      *Opened `json:"storm,omitempty"`      // after all were cut off
	Before     Gap     `json:"gap_before_ms"`        // of those who play meanwhile
	During     Gap     `json:"gap_during_ms"`
	After      Gap     `json:"gap_after_ms"`
	// How late 99 % of the server's ticks began at most, by its own metrics.
	LateBefore float64 `json:"late_before_ms"`
	LateDuring float64 `json:"late_during_ms"`
	Busy       float64 `json:"machine_pct"` // before the storm, by whomever
}

// stormShape are those who play meanwhile.
var stormShape = mustShape("10x10")

// measureStorm has crowds come to a server, and come back.
func measureStorm(ctx context.Context, cfg *config) (s Storm, err error) {
	p, err := start(ctx, cfg, stormShape, wayServer, 0)
	if err != nil {
		return s, err
	}
	defer p.end()
	tokens, err := logIn(ctx, p.url, max(cfg.handshakes, cfg.storm))
	if err != nil {
		return s, err
	}
	if cfg.handshakes > 0 {
		c, err := gather(ctx, p.url, tokens[:cfg.handshakes], usual)
		if err != nil {
			return s, err
		}
		s.Handshakes, err = c.open(0)
		if err = errors.Join(err, c.disperse()); err != nil {
			return s, err
		}
	}
	if cfg.storm > 0 {
		err = s.reconnect(ctx, cfg, p, tokens[:cfg.storm])
	}
	return s, err
}

// reconnect has the whole crowd come back at once while others play.
func (s *Storm) reconnect(ctx context.Context, cfg *config, p *process, tokens []string) error {
	c, err := gather(ctx, p.url, tokens, elsewhere)
	if err != nil {
		return err
	}
	defer c.disperse()
	if _, err := c.open(atOnce); err != nil {
		return err
	}
	l, err := connect(ctx, p, stormShape, wayServer)
	if err != nil {
		return err
	}
	defer l.close()
	was, err := readMachine()
	if err != nil {
		return err
	}
	first, err := p.late(ctx)
	if err != nil {
		return err
	}
	if s.Before, err = l.gapsFor(ctx, cfg); err != nil {
		return err
	}
	if s.Busy, err = was.busySince(); err != nil {
		return err
	}
	second, err := p.late(ctx)
	if err != nil {
		return err
	}
	back, stop := context.WithCancel(ctx)
	var failed error
	var storm sync.WaitGroup
	storm.Go(func() {
		defer stop()
		if failed = c.cut(); failed == nil {
			s.Storm, failed = c.open(0)
		}
	})
	l.traffic = traffic{}
	if err := l.play(back, patience); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	storm.Wait()
	s.During = l.traffic.gap()
	third, err := p.late(ctx)
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	s.LateBefore, s.LateDuring = second.since(first, .99), third.since(second, .99)
	s.After, err = l.gapsFor(ctx, cfg)
	return err
}

// gapsFor plays for a period.
func (l *load) gapsFor(ctx context.Context, cfg *config) (Gap, error) {
	l.traffic = traffic{}
	err := l.play(ctx, cfg.period)
	return l.traffic.gap(), err
}

// logIn makes so many guests and returns their tokens.
func logIn(ctx context.Context, url string, n int) ([]string, error) {
	api := client.New(url)
	defer api.Close()
	tokens, failed := make([]string, n), make([]error, atOnce)
	var wg sync.WaitGroup
	for worker := range atOnce {
		wg.Go(func() {
			for i := worker; i < n && failed[worker] == nil; i += atOnce {
				session, err := api.LoginGuest(ctx, fmt.Sprint("crowd ", i))
				if err != nil {
					failed[worker] = err
					return
				}
				tokens[i] = session.Access
			}
		})
	}
	wg.Wait()
	return tokens, errors.Join(failed...)
}

// A gathering is a crowd in its process.
type gathering struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// A crowd whose own work is measured runs as everything does. One that is only
// there to disturb others would be elsewhere in life: it takes what they leave
// of the cores.
var (
	usual     = []string{}
	elsewhere = []string{"nice", "-n", "19"}
)

func gather(ctx context.Context, url string, tokens, run []string) (*gathering, error) {
	args := append(slices.Clone(run), os.Args[0], crowdArg)
	g := &gathering{cmd: exec.CommandContext(ctx, args[0], args[1:]...)}
	g.cmd.Stderr = os.Stderr
	out, err := g.cmd.StdoutPipe()
	if err == nil {
		g.out = bufio.NewReader(out)
		g.in, err = g.cmd.StdinPipe()
	}
	if err == nil {
		err = g.cmd.Start()
	}
	if err == nil {
		err = json.NewEncoder(g.in).Encode(&crowd{Addr: addr(url), Tokens: tokens})
	}
	return g, err
}

// ask has the crowd do something, and returns when it is done.
func (g *gathering) ask(what string, answer any) error {
	if _, err := fmt.Fprintln(g.in, what); err != nil {
		return err
	}
	line, err := g.out.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, answer)
}

func (g *gathering) open(atATime int) (*Opened, error) {
	o := &Opened{}
	return o, g.ask(fmt.Sprint("open ", atATime), o)
}

func (g *gathering) cut() error { return g.ask("cut", &struct{}{}) }

func (g *gathering) disperse() error {
	_ = g.in.Close()
	return g.cmd.Wait()
}

func (s *Storm) print(w io.Writer) {
	fmt.Fprintf(w, "%-24s %9s %9s %9s %6s %12s\n", "sockets opened", "p50 ms", "p99 ms", "max ms", "lost", "turned away")
	s.Handshakes.print(w, "at once")
	s.Storm.print(w, "come back at once")
	if s.Storm != nil {
		fmt.Fprintf(w, "gap p99 of %s: %.1f ms before, %.1f during, %.1f after; 99 %% of its ticks began %.1f ms late at most before, %.1f during; machine %.0f %% busy before\n",
			stormShape, s.Before.P99, s.During.P99, s.After.P99, s.LateBefore, s.LateDuring, s.Busy)
	}
}

func (o *Opened) print(w io.Writer, how string) {
	if o != nil {
		fmt.Fprintf(w, "%-24s %9.0f %9.0f %9.0f %6d %12d\n", fmt.Sprint(o.Clients, " ", how), o.P50, o.P99, o.Max, o.Lost, o.Away)
	}
}

//go:build linux

package main

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"syscall"
	"time"

	"github.com/musterhq/muster/protocol/client"
)

// A load is all clients of one process, on one epoll loop.
type load struct {
	epoll   int
	tick    time.Duration
	come    chan *player // has room for all
	players []*player
	byFD    map[int32]*player
	traffic traffic
	receive receiver
}

// atOnce is how many clients log in at a time.
const atOnce = 8

// connect brings in as many clients as the shape has. Those who are in play
// while others still come: who is silent would be sent away.
func connect(ctx context.Context, p *process, s shape, way string) (*load, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	l := &load{epoll: epoll, tick: time.Second / time.Duration(s.hz), come: make(chan *player, s.players()), byFD: map[int32]*player{}}
	api := client.New(p.url)
	defer api.Close()
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("not all clients were let in within a minute"))
	defer cancel()
	failed := make(chan error, s.players())
	gate := make(chan struct{}, atOnce)
	for i := range s.players() {
		c := &player{want: s.mode.Schema.Inputs, rng: rand.New(rand.NewPCG(uint64(i), 1))}
		go func() {
			if err := c.enter(ctx, p.url, s.door(way, i, gate), api); err != nil {
				failed <- err
				return
			}
			l.come <- c
		}()
	}
	for len(l.players) < s.players() {
		select {
		case err := <-failed:
			l.close()
			return nil, err
		default:
		}
		if err := l.play(ctx, 10*time.Millisecond); err != nil {
			l.close()
			return nil, errors.Join(err, context.Cause(ctx))
		}
	}
	return l, nil
}

// welcome takes in those who have come.
func (l *load) welcome() error {
	for {
		select {
		case p := <-l.come:
			l.players = append(l.players, p)
			l.byFD[int32(p.fd)] = p
			if err := stamped(p.fd); err != nil {
				return err
			}
			e := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(p.fd)}
			if err := syscall.EpollCtl(l.epoll, syscall.EPOLL_CTL_ADD, p.fd, &e); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

func (l *load) close() {
	for _, p := range l.players {
		_ = syscall.Close(p.fd)
	}
	_ = syscall.Close(l.epoll)
}

// play has each client send an input a tick, spread over it, and reads what
// comes as it comes. It keeps to absolute times.
func (l *load) play(ctx context.Context, period time.Duration) error {
	if err := l.welcome(); err != nil {
		return err
	}
	began := time.Now()
	every := l.tick / time.Duration(max(len(l.players), 1))
	var out []byte
	for sent := 0; ; {
		now := time.Now()
		if passed := now.Sub(began); passed >= period || ctx.Err() != nil {
			l.traffic.period += passed
			return ctx.Err()
		}
		for ; len(l.players) > 0 && now.Sub(began) >= every*time.Duration(sent); sent++ {
			p := l.players[sent%len(l.players)]
			if p.seen.IsZero() {
				continue // no frame yet
			}
			out = p.input(out[:0], now, l.tick)
			if _, err := syscall.Write(p.fd, out); err != nil && !errors.Is(err, syscall.EAGAIN) {
				return err
			}
		}
		if err := l.read(); err != nil {
			return err
		}
	}
}

// read waits at most a millisecond for something to come, and takes it in.
func (l *load) read() error {
	var events [256]syscall.EpollEvent
	n, err := syscall.EpollWait(l.epoll, events[:], 1)
	if err != nil && !errors.Is(err, syscall.EINTR) {
		return err
	}
	for _, e := range events[:max(n, 0)] {
		if err := l.readFrom(l.byFD[e.Fd]); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) readFrom(p *player) error {
	have := len(p.in)
	if have == cap(p.in) {
		p.in = append(p.in, 0)
	}
	n, came, err := l.receive.read(p.fd, p.in[have:cap(p.in)])
	switch {
	case errors.Is(err, syscall.EAGAIN):
		return nil
	case err != nil:
		return err
	case n == 0:
		return io.ErrUnexpectedEOF
	}
	p.in = p.in[:have+n]
	return p.take(came, &l.traffic)
}

package socket

import (
	"sync"
	"time"
)

// A linger sees connections off: it writes what their goodbyes left over,
// says that nothing more will come, reads on and throws away until the other
// side has hung up or its time is over, and closes. One goroutine does this
// for all, and exists only while there are any.
type linger struct {
	patience time.Duration

	mu      sync.Mutex
	leaving []*parting
	done    chan struct{} // closed when run ends; nil while it does not run
}

// A parting is one connection on its way out.
type parting struct {
	line   line
	out    []byte
	until  time.Time
	silent bool // the other side has been told that nothing more will come
}

const lingerBeat = 20 * time.Millisecond

func newLinger(patience time.Duration) *linger { return &linger{patience: patience} }

// take becomes the owner of a line that has said its goodbye, of which out
// is not yet written. From any goroutine.
func (l *linger) take(ln line, out []byte) {
	p := &parting{line: ln, out: out, until: time.Now().Add(l.patience)}
	if !p.say() || p.late(time.Now()) {
		ln.close()
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leaving = append(l.leaving, p)
	if l.done == nil {
		l.done = make(chan struct{})
		go l.run()
	}
}

// wait returns when there is nobody left to see off.
func (l *linger) wait() {
	l.mu.Lock()
	done := l.done
	l.mu.Unlock()
	if done != nil {
		<-done
	}
}

func (l *linger) run() {
	beat := time.NewTicker(lingerBeat)
	defer beat.Stop()
	var mine []*parting
	waste := make([]byte, 4<<10)
	for now := range beat.C {
		if mine = l.join(mine); mine == nil {
			return
		}
		mine = seeOff(mine, now, waste)
	}
}

// join adds the newcomers to those under way. It returns nil, and run must
// end, when there are neither.
func (l *linger) join(mine []*parting) []*parting {
	l.mu.Lock()
	defer l.mu.Unlock()
	mine = append(mine, l.leaving...)
	l.leaving = nil
	if len(mine) == 0 {
		close(l.done)
		l.done = nil
		return nil
	}
	return mine
}

// seeOff gives each parting its turn and closes those that have ended. What
// they still send is read into waste.
func seeOff(all []*parting, now time.Time, waste []byte) []*parting {
	staying := all[:0]
	for _, p := range all {
		if !p.say() || p.late(now) || p.silent && p.hungUp(waste) {
			p.line.close()
		} else {
			staying = append(staying, p)
		}
	}
	clear(all[len(staying):])
	return staying
}

// say writes what can be written now, and once that is all, that nothing more
// will come. It reports whether the line still takes it.
func (p *parting) say() bool {
	if p.silent {
		return true
	}
	n, err := p.line.write(p.out)
	if err != nil {
		return false
	}
	if p.out = p.out[n:]; len(p.out) == 0 {
		p.line.shutWrite()
		p.out, p.silent = nil, true
	}
	return true
}

func (p *parting) late(now time.Time) bool { return now.After(p.until) }

// hungUp discards a bounded amount of what still comes.
func (p *parting) hungUp(waste []byte) bool {
	for range bytesPerBeat / len(waste) {
		n, err := p.line.read(waste)
		if err != nil {
			return err != errDry
		}
		if n < len(waste) {
			return false
		}
	}
	return false
}

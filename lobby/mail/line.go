package mail

import (
	"sync"
	"time"

	"github.com/musterhq/muster/protocol"
)

// A line is how one player is told. There is one while the player is here, and
// while an acknowledgement waits to be written.
type line struct {
	address // never changed

	// under lines.mu
	wish   wish
	state  lineState
	again  bool        // something came while a worker has it
	later  *time.Timer // makes it ready again, nil if none runs
	stays  bool        // the player is here
	begins time.Time   // when the last beginning was, for the pause

	// owned by the worker that has it
	cursor  uint64 // the newest notice that was told on this connection, 0 at its beginning
	failing bool   // the last time something went wrong, and that was logged
}

// A wish is what a worker shall do for a line.
type wish struct {
	ack   uint64 // forget up to here, 0: nothing
	begin bool   // tell from the beginning
	tell  bool   // tell what is new; set by take
}

type lineState uint8

const (
	lineIdle  lineState = iota
	lineReady           // waits for a worker
	lineTaken           // a worker has it
)

// lines are those there are, and the order in which they are served.
type lines struct {
	mu    sync.Mutex
	of    map[address]*line
	ready []*line
	ended bool
}

// Attach says that a player has come to where the Teller reaches it: on a new
// connection, or back from elsewhere. All that is unread is told, since what
// was under way before may have been lost. It never blocks.
func (o *Office) Attach(game string, p protocol.PlayerID) {
	o.ask(address{game, p}, true, func(l *line) { l.stays, l.wish.begin = true, true })
}

// Detach says that a player has left. It never blocks.
func (o *Office) Detach(game string, p protocol.PlayerID) {
	o.ask(address{game, p}, false, func(l *line) { l.stays, l.wish.begin = false, false })
}

// Acked is a player's MailAck. It never blocks: the acknowledgement is written
// in a while, and if it is not the notices come again.
func (o *Office) Acked(game string, p protocol.PlayerID, id uint64) {
	o.ask(address{game, p}, id > 0, func(l *line) {
		if id == 0 {
			l.wish.begin = l.stays
		}
		l.wish.ack = max(l.wish.ack, min(id, protocol.MaxMailID))
	})
}

// Arrived says that there is new mail for a player, who need not be here.
// Send has said it to this office; others that reach players of the same
// mailboxes have to be told.
func (o *Office) Arrived(game string, p protocol.PlayerID) {
	o.ask(address{game, p}, false, func(*line) {})
}

// ask changes a line and has it served; create says whether it is made where
// there is none.
func (o *Office) ask(a address, create bool, change func(*line)) {
	o.lines.mu.Lock()
	defer o.lines.mu.Unlock()
	l := o.lines.of[a]
	if l == nil {
		if !create {
			return
		}
		l = &line{address: a}
		o.lines.of[a] = l
	}
	change(l)
	o.serve(l)
}

// serve makes a line ready. Under mu.
func (o *Office) serve(l *line) {
	switch l.state {
	case lineTaken:
		l.again = true
	case lineIdle:
		l.state = lineReady
		o.lines.ready = append(o.lines.ready, l)
		o.rouse()
	}
}

// rouse wakes one worker.
func (o *Office) rouse() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take returns the line that has waited longest and its wish, or nil. A
// beginning that comes too soon after the one before waits, and with it
// whatever would follow.
func (o *Office) take() (l *line, w wish) {
	o.lines.mu.Lock()
	defer o.lines.mu.Unlock()
	if len(o.lines.ready) == 0 {
		return nil, w
	}
	l, o.lines.ready = o.lines.ready[0], o.lines.ready[1:]
	if len(o.lines.ready) > 0 {
		o.rouse()
	}
	l.state = lineTaken
	w, l.wish = l.wish, wish{}
	w.tell = l.stays
	if !w.begin {
		return l, w
	}
	if wait := time.Until(l.begins.Add(o.cfg.Pause)); wait > 0 {
		w.begin, w.tell, l.wish.begin = false, false, true
		o.postpone(l, wait)
	} else {
		l.begins = time.Now()
	}
	return l, w
}

// release gives a line back that was served; left is what remains to be done
// of its wish, in a while.
func (o *Office) release(l *line, left wish) {
	o.lines.mu.Lock()
	defer o.lines.mu.Unlock()
	l.state = lineIdle
	l.wish.begin = l.stays && (l.wish.begin || left.begin)
	l.wish.ack = max(l.wish.ack, left.ack)
	if left != (wish{}) {
		o.postpone(l, o.cfg.Pause)
	}
	switch {
	case l.again:
		l.again = false
		o.serve(l)
	case !l.stays && l.wish.ack == 0:
		l.stop()
		delete(o.lines.of, l.address)
	}
}

// postpone has a line served in a while. Under mu.
func (o *Office) postpone(l *line, wait time.Duration) {
	if l.later != nil || o.lines.ended {
		return
	}
	l.later = time.AfterFunc(wait, func() {
		o.lines.mu.Lock()
		defer o.lines.mu.Unlock()
		l.later = nil
		if o.lines.of[l.address] == l {
			o.serve(l)
		}
	})
}

func (l *line) stop() {
	if l.later != nil {
		l.later.Stop()
		l.later = nil
	}
}

// stop ends all timers for good.
func (s *lines) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for _, l := range s.of {
		l.stop()
	}
}

package account

import (
	"sync"
	"time"
)

// once knows what was used during the last while, in two halves: the older one
// is forgotten when a life has passed. What was marked is known for one life at
// least, and for two at most.
type once struct {
	life time.Duration
	most int // in a half

	mu     sync.Mutex
	turned time.Time           // under mu: when now became so
	now    map[string]struct{} // under mu
	before map[string]struct{} // under mu
}

func newOnce(life time.Duration, most int) *once {
	return &once{life: life, most: most, turned: time.Now(), now: make(map[string]struct{})}
}

// use marks what is used, and says whether it is for the first time. Where
// there is no room to remember it, nothing can be used: a *WaitError of ErrBusy.
func (o *once) use(what string) (first bool, err error) {
	return o.mark(what, o.most)
}

// spoil marks what was presented and was wrong, as long as half of the room is
// left for what is right: nobody fills the table by being wrong.
func (o *once) spoil(what string) { _, _ = o.mark(what, o.most/2) }

func (o *once) mark(what string, most int) (first bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if passed := time.Since(o.turned); passed >= o.life {
		o.before, o.now, o.turned = o.now, make(map[string]struct{}), time.Now()
		if passed >= 2*o.life {
			o.before = nil
		}
	}
	_, new := o.now[what]
	_, old := o.before[what]
	switch {
	case new || old:
		return false, nil
	case len(o.now) >= most:
		return false, &WaitError{ErrBusy, o.life}
	}
	o.now[what] = struct{}{}
	return true, nil
}

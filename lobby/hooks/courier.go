package hooks

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/musterhq/muster/protocol/bus"
)

// A courier delivers the events of one endpoint, one after the other.
type courier struct {
	// set by newCourier and never changed
	hub      *Hub
	key      string
	game, id string
	cancel   context.CancelFunc // set by begin
	done     chan struct{}

	// owned by run
	before   *courier // has to end first, so that there is one at a time; nil afterwards
	p        progress
	revision uint64 // of p as it is kept, 0: it is not
	skipped  int    // events that it does not take since p was written
}

func newCourier(h *Hub, key string, before *courier) *courier {
	c := &courier{hub: h, key: key, before: before, done: make(chan struct{})}
	c.game, c.id = splitKey(key)
	return c
}

// end stops a courier and waits for it.
func (c *courier) end() {
	c.cancel()
	<-c.done
}

// errStop ends a walk through the events.
var errStop = errors.New("stop")

// run delivers until ctx ends or the endpoint is disabled or gone.
func (c *courier) run(ctx context.Context) {
	defer close(c.done)
	if c.before != nil {
		c.before.end()
		c.before = nil
	}
	for ctx.Err() == nil {
		err := c.attend(ctx)
		if errors.Is(err, errStop) || ctx.Err() != nil {
			return
		}
		c.hub.cfg.Log.Error("webhooks wait", "game", c.game, "endpoint", c.id, "err", err)
		sleep(ctx, time.Minute)
	}
}

// attend delivers until something fails that is not the endpoint's fault.
func (c *courier) attend(ctx context.Context) error {
	k, err := c.endpoint(ctx)
	if err != nil {
		return err
	}
	if err := c.load(ctx, k); err != nil {
		return err
	}
	s, err := c.hub.stream(c.game)
	if err != nil {
		return err
	}
	for {
		var failed *bus.Record[record]
		err := s.Follow(ctx, c.p.Position+1, func(r bus.Record[record]) error {
			taken, err := c.handle(ctx, r)
			if err == nil && !taken {
				failed, err = &r, errStop // nobody reads on while it is tried again
			}
			return err
		})
		if failed == nil {
			return err
		}
		if err := c.insist(ctx, *failed); err != nil {
			return err
		}
	}
}

// endpoint returns the endpoint as it stands, and errStop if there is nothing
// to do for it.
func (c *courier) endpoint(ctx context.Context) (*kept, error) {
	e, err := c.hub.endpoints.Get(ctx, c.key)
	switch {
	case errors.Is(err, bus.ErrNotFound):
		return nil, errStop
	case err != nil:
		return nil, err
	case e.Value.Disabled != "":
		return nil, errors.Join(c.tell(ctx, &e.Value), errStop)
	}
	return &e.Value, nil
}

// handle tries an event once, if it is time. It returns false if it has to be
// tried again.
func (c *courier) handle(ctx context.Context, r bus.Record[record]) (taken bool, err error) {
	k, err := c.endpoint(ctx)
	if err != nil {
		return false, err
	}
	if !k.takes(r.Value.Type) {
		return true, c.skip(ctx, r.Seq)
	}
	if time.Now().UnixMilli() < c.p.Next {
		return false, nil
	}
	err = c.hub.post(ctx, k, r.Value.Body)
	if ctx.Err() != nil {
		return false, ctx.Err() // it was ours, not theirs
	}
	if err == nil {
		c.p = progress{Position: r.Seq}
		return true, c.save(ctx)
	}
	return false, c.fail(ctx, k, err)
}

// skip passes over an event. That is written now and then only: an event that
// is looked at again is skipped again.
func (c *courier) skip(ctx context.Context, seq uint64) error {
	c.p = progress{Position: seq}
	if c.skipped++; c.skipped < 100 {
		return nil
	}
	return c.save(ctx)
}

// insist tries an event until it is taken.
func (c *courier) insist(ctx context.Context, r bus.Record[record]) error {
	for {
		sleep(ctx, time.Until(time.UnixMilli(c.p.Next)))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if taken, err := c.handle(ctx, r); taken || err != nil {
			return err
		}
	}
}

// fail notes that an attempt has failed, and gives up after too long.
func (c *courier) fail(ctx context.Context, k *kept, why error) error {
	now, cfg := time.Now(), &c.hub.cfg
	if c.p.Failing == 0 {
		c.p.Failing = now.UnixMilli()
	}
	c.p.Next = now.Add(cfg.wait(c.p.Tries)).UnixMilli()
	c.p.Tries++
	c.p.Error = why.Error()
	if err := c.save(ctx); err != nil {
		return err
	}
	if now.Sub(time.UnixMilli(c.p.Failing)) < cfg.GiveUp {
		return nil
	}
	e, err := c.hub.endpoints.Change(ctx, c.key, func(now *kept) error {
		if now.Since != k.Since || now.Disabled != "" {
			return errStop // somebody has seen to it meanwhile
		}
		now.Disabled = DisabledFailing
		return nil
	})
	if err != nil {
		return err
	}
	return errors.Join(c.tell(ctx, &e.Value), errStop)
}

// tell says that an endpoint was given up, until that is noted.
func (c *courier) tell(ctx context.Context, k *kept) error {
	if k.Disabled != DisabledFailing || k.Told {
		return nil
	}
	p, err := c.hub.progress.Get(ctx, c.key)
	if err != nil && !errors.Is(err, bus.ErrNotFound) {
		return err
	}
	c.hub.cfg.Log.Warn("a webhook endpoint takes nothing and is disabled", "game", c.game, "endpoint", c.id)
	c.hub.cfg.Disabled(k.show(c.game, c.id, p.Value))
	_, err = c.hub.endpoints.Change(ctx, c.key, func(k *kept) error { k.Told = true; return nil })
	if errors.Is(err, bus.ErrNotFound) {
		return nil
	}
	return err
}

// load reads how far the endpoint is. Failures from before it was last set are
// forgiven.
func (c *courier) load(ctx context.Context, k *kept) error {
	e, err := c.hub.progress.Get(ctx, c.key)
	if err != nil && !errors.Is(err, bus.ErrNotFound) {
		return err
	}
	c.p, c.revision = e.Value, e.Revision
	c.p.Position = max(c.p.Position, k.From)
	if c.p.Failing < k.Since {
		c.p = progress{Position: c.p.Position}
	}
	return nil
}

// save writes how far the endpoint is.
func (c *courier) save(ctx context.Context) (err error) {
	c.skipped = 0
	if c.revision == 0 {
		c.revision, err = c.hub.progress.Create(ctx, c.key, c.p)
	} else {
		c.revision, err = c.hub.progress.Update(ctx, c.key, c.p, c.revision)
	}
	return err // after which attend begins anew
}

// wait is how long to wait after so many failures before.
func (c *Config) wait(tries int) time.Duration {
	wait := c.MostWait
	if tries < 30 && c.FirstWait<<tries>>tries == c.FirstWait {
		wait = min(wait, c.FirstWait<<tries)
	}
	return wait/2 + rand.N(wait/2+1)
}

func sleep(ctx context.Context, wait time.Duration) {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

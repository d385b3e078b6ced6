package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// Config says what is kept and how it is sent. A zero field means its default.
type Config struct {
	Most    int           // notices in a mailbox, default 100; the oldest make way
	MaxAge  time.Duration // of a notice, default 30 days
	Piece   int           // bytes in one Mail, default 4 KiB: a beat puts 8 KiB of control messages before a frame
	Window  int           // bytes on their way to a client that it has not acknowledged, default 24 KiB: the control lane holds 64 KiB
	Workers int           // lines served at the same time, default 4
	Pause   time.Duration // between two beginnings on one connection, and before what failed is tried again, default 1 s

	Log *slog.Logger // nil is slog.Default
}

func (c *Config) validate() error {
	whole(&c.Most, 100)
	whole(&c.MaxAge, 30*24*time.Hour)
	whole(&c.Piece, 4<<10)
	whole(&c.Window, 24<<10)
	whole(&c.Workers, 4)
	whole(&c.Pause, time.Second)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if min(c.Most, c.Piece, c.Window, c.Workers) < 0 || min(c.MaxAge, c.Pause) < 0 || c.Most > 300 {
		return errors.New("mail: a limit in Config is negative, or more than 300 notices, which one entry of a bucket does not hold")
	}
	return nil
}

func whole[T int | time.Duration](field *T, byDefault T) {
	if *field == 0 {
		*field = byDefault
	}
}

// A Teller brings a control message to a player's connection: a hall does. It
// keeps the messages to one player in order. False says that the message will
// not get there; a message may be lost without that, too.
type Teller interface {
	Tell(p protocol.PlayerID, msg []byte) bool
}

// An Office keeps mail and delivers it. It is safe for concurrent use.
type Office struct {
	// set by Open and never changed
	cfg    Config
	boxes  *bus.Bucket[box]
	teller Teller

	lines lines
	wake  chan struct{} // one line or more are ready
}

// Open opens the mailboxes on a node. Nothing is delivered before [Office.Run].
func Open(node *bus.Node, teller Teller, cfg Config) (*Office, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	boxes, err := bus.OpenBucket[box](node, "mail", bus.Kept)
	if err != nil {
		return nil, err
	}
	return &Office{cfg: cfg, boxes: boxes, teller: teller,
		lines: lines{of: make(map[address]*line)}, wake: make(chan struct{}, 1)}, nil
}

// Send keeps a letter and returns its notice's id; then the player is told. It
// is done when it returns without an error; after one it may have been done, so
// that whoever tries again gives the letter a key.
func (o *Office) Send(ctx context.Context, game string, to protocol.PlayerID, l Letter) (id uint64, err error) {
	if err := l.validate(); err != nil {
		return 0, err
	}
	_, err = o.change(ctx, address{game, to}, func(b *box) (changed bool) {
		id, changed = b.put(l, time.Now(), &o.cfg)
		return changed
	})
	if err != nil {
		return 0, fmt.Errorf("mail to %s: %w", to, err)
	}
	o.Arrived(game, to)
	return id, nil
}

// Unread returns the notices a player has not acknowledged, oldest first.
func (o *Office) Unread(ctx context.Context, game string, p protocol.PlayerID) ([]protocol.MailNotice, error) {
	b, err := o.read(ctx, address{game, p})
	if err != nil {
		return nil, err
	}
	return b.after(0), nil
}

// Ack forgets a player's notices up to an id. It is no error if there are none.
func (o *Office) Ack(ctx context.Context, game string, p protocol.PlayerID, id uint64) error {
	_, err := o.change(ctx, address{game, p}, func(b *box) bool { return b.ack(min(id, protocol.MaxMailID)) })
	return err
}

// Delete forgets a player's mail, for an account that is no more. The ids of a
// mailbox that is made later are higher.
func (o *Office) Delete(ctx context.Context, game string, p protocol.PlayerID) error {
	key, err := address{game, p}.key()
	if err != nil {
		return err
	}
	return o.boxes.Delete(ctx, key)
}

// read returns a mailbox less what has expired, which is empty if there is none.
func (o *Office) read(ctx context.Context, a address) (box, error) {
	key, err := a.key()
	if err != nil {
		return box{}, err
	}
	e, err := o.boxes.Get(ctx, key)
	if err != nil && !errors.Is(err, bus.ErrNotFound) {
		return box{}, err
	}
	e.Value.expire(time.Now(), &o.cfg)
	return e.Value, nil
}

// change replaces a mailbox by what f makes of it, as often as somebody else
// does so at the same time. Nothing is written where f returns false.
func (o *Office) change(ctx context.Context, a address, f func(*box) bool) (box, error) {
	key, err := a.key()
	if err != nil {
		return box{}, err
	}
	for {
		e, err := o.boxes.Get(ctx, key)
		if err != nil && !errors.Is(err, bus.ErrNotFound) {
			return box{}, err
		}
		if !f(&e.Value) {
			return e.Value, nil
		}
		if e.Revision == 0 {
			_, err = o.boxes.Create(ctx, key, e.Value)
		} else {
			_, err = o.boxes.Update(ctx, key, e.Value, e.Revision)
		}
		if !errors.Is(err, bus.ErrConflict) && !errors.Is(err, bus.ErrExists) {
			return e.Value, err
		}
	}
}

// Run delivers until ctx ends.
func (o *Office) Run(ctx context.Context) {
	var workers sync.WaitGroup
	for range o.cfg.Workers {
		workers.Go(func() { o.work(ctx) })
	}
	workers.Wait()
	o.lines.stop()
}

package saves

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// Config says how much a player may save. A zero field means its default.
type Config struct {
	MaxValue int // bytes of one value, default 64 KiB, at most 512 KiB
	Quota    int // bytes of all values of a player in one game, default 1 MiB
	Keys     int // of a player in one game, default 64, at most 1024
}

func (c *Config) validate() error {
	for field, byDefault := range map[*int]int{&c.MaxValue: 64 << 10, &c.Quota: 1 << 20, &c.Keys: 64} {
		if *field == 0 {
			*field = byDefault
		}
	}
	if min(c.MaxValue, c.Quota, c.Keys) < 0 || c.MaxValue > 512<<10 || c.Keys > 1024 {
		return errors.New("saves: a limit in Config is negative, or more than an entry of a bucket holds")
	}
	return nil
}

// A Vault keeps saves. It is safe for concurrent use.
type Vault struct {
	cfg   Config // never changed
	index *bus.Bucket[index]
	blobs *bus.Bucket[[]byte]
}

// Open opens the saves on a node.
func Open(node *bus.Node, cfg Config) (*Vault, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	x, errX := bus.OpenBucket[index](node, "saves", bus.Kept)
	b, errB := bus.OpenBucket[[]byte](node, "saves-blobs", bus.Kept)
	if err := errors.Join(errX, errB); err != nil {
		return nil, err
	}
	return &Vault{cfg, x, b}, nil
}

// Put saves a draft and returns it with its version. After an error of the bus
// it may have been saved: whoever gave a version finds out by it.
func (v *Vault) Put(ctx context.Context, game string, of protocol.PlayerID, as Role, d Draft) (Save, error) {
	at, err := address(game, of)
	switch {
	case err != nil:
		return Save{}, err
	case !validKey(d.Key):
		return Save{}, ErrKey
	case len(d.Value) > v.cfg.MaxValue:
		return Save{}, ErrTooBig
	}
	blob, err := v.begin(ctx, at, as, &d)
	if err != nil {
		return Save{}, err
	}
	switch _, err := v.blobs.Create(ctx, blobKey(at, blob), d.Value); {
	case errors.Is(err, bus.ErrExists): // the index is older than the blobs
		return Save{}, ErrBusy
	case err != nil:
		return Save{}, fmt.Errorf("save %q: %w", d.Key, err)
	}
	return v.commit(ctx, at, as, &d, blob)
}

// begin notes in the index that a blob is coming, if the draft has a chance.
func (v *Vault) begin(ctx context.Context, at string, as Role, d *Draft) (blob uint64, err error) {
	if err := v.tidy(ctx, at, tidyAt); err != nil {
		return 0, err
	}
	err = v.change(ctx, at, func(x *index) (err error) {
		if err := x.allow(d, as, &v.cfg); err != nil {
			return err
		}
		blob, err = x.begin(time.Now())
		return err
	})
	return blob, err
}

// commit makes the blob the key's value, if that is still allowed.
func (v *Vault) commit(ctx context.Context, at string, as Role, d *Draft, blob uint64) (s Save, err error) {
	var refused error
	var lost bool
	err = v.change(ctx, at, func(x *index) error {
		if lost = !x.arrive(blob); lost {
			return ErrBusy
		}
		if refused = x.allow(d, as, &v.cfg); refused != nil {
			x.Gone = append(x.Gone, blob)
			return nil
		}
		s = x.put(d, blob, time.Now()).save()
		s.Value = d.Value
		return nil
	})
	if lost { // the index does not know of it: nobody else will delete it
		return Save{}, errors.Join(err, v.blobs.Delete(ctx, blobKey(at, blob)))
	}
	if err = errors.Join(err, refused); err != nil {
		return Save{}, err
	}
	return s, nil
}

// Get returns a save with its value, or ErrNotFound, also where it is there and
// not to be read by such as ask.
func (v *Vault) Get(ctx context.Context, game string, of protocol.PlayerID, as Role, key string) (Save, error) {
	at, err := address(game, of)
	if err != nil {
		return Save{}, err
	}
	for last := uint64(0); ; {
		x, err := v.read(ctx, at)
		if err != nil {
			return Save{}, err
		}
		i, ok := x.find(key)
		if !ok || as == Stranger && !x.Saves[i].Public {
			return Save{}, ErrNotFound
		}
		s, err := v.load(ctx, at, x.Saves[i])
		if !errors.Is(err, bus.ErrNotFound) {
			return s, err
		}
		if last == x.Saves[i].Blob { // it was not replaced while we looked: it is not there
			return Save{}, fmt.Errorf("%w: save %q has no value", bus.ErrDamaged, key)
		}
		last = x.Saves[i].Blob
	}
}

// load returns an item's save with its value.
func (v *Vault) load(ctx context.Context, at string, i item) (Save, error) {
	e, err := v.blobs.Get(ctx, blobKey(at, i.Blob))
	if err != nil {
		return Save{}, err
	}
	s := i.save()
	if s.Value = e.Value; s.Value == nil {
		s.Value = []byte{}
	}
	return s, nil
}

// List returns the saves there are to be read, without their values, by key.
func (v *Vault) List(ctx context.Context, game string, of protocol.PlayerID, as Role) ([]Save, error) {
	at, err := address(game, of)
	if err != nil {
		return nil, err
	}
	x, err := v.read(ctx, at)
	if err != nil {
		return nil, err
	}
	all := []Save{}
	for _, i := range x.Saves {
		if as != Stranger || i.Public {
			all = append(all, i.save())
		}
	}
	return all, nil
}

// Export returns all saves of a player with their values. One that is replaced
// meanwhile is as it was before or after, one that is deleted may be missing.
func (v *Vault) Export(ctx context.Context, game string, of protocol.PlayerID) ([]Save, error) {
	list, err := v.List(ctx, game, of, Service)
	if err != nil {
		return nil, err
	}
	all := []Save{}
	for _, s := range list {
		s, err := v.Get(ctx, game, of, Service, s.Key)
		switch {
		case errors.Is(err, ErrNotFound):
			continue
		case err != nil:
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// read returns an index, which is empty if there is none.
func (v *Vault) read(ctx context.Context, at string) (index, error) {
	e, err := v.index.Get(ctx, at)
	if errors.Is(err, bus.ErrNotFound) {
		return index{}, nil
	}
	return e.Value, err
}

// change replaces an index by what f makes of it, as often as somebody else
// does so at the same time. An error of f ends it, and is returned.
func (v *Vault) change(ctx context.Context, at string, f func(*index) error) error {
	for {
		_, err := v.index.Change(ctx, at, f)
		if !errors.Is(err, bus.ErrNotFound) {
			return err
		}
		var x index
		if err := f(&x); err != nil {
			return err
		}
		if _, err = v.index.Create(ctx, at, x); !errors.Is(err, bus.ErrExists) {
			return err
		}
	}
}

func blobKey(at string, blob uint64) string {
	return at + "\x00" + strconv.FormatUint(blob, 10)
}

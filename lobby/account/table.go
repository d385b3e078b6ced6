package account

import (
	"context"
	"errors"

	"github.com/musterhq/muster/protocol/bus"
)

// A table is a bucket of ours. All writes of the package go through its three
// verbs, where tests let them fail.
type table[T any] struct {
	bucket *bus.Bucket[T]
	write  seam
}

// A seam stands around every write; do makes it.
type seam func(do func() error) error

func openTable[T any](node *bus.Node, name string, write seam) (table[T], error) {
	b, err := bus.OpenBucket[T](node, "account-"+name, bus.Kept)
	if write == nil {
		write = func(do func() error) error { return do() }
	}
	return table[T]{b, write}, err
}

// get returns an entry, or bus.ErrNotFound.
func (t table[T]) get(ctx context.Context, key string) (bus.Entry[T], error) {
	return t.bucket.Get(ctx, key)
}

// create keeps a new value, or returns bus.ErrExists.
func (t table[T]) create(ctx context.Context, key string, value T) error {
	return t.write(func() error {
		_, err := t.bucket.Create(ctx, key, value)
		return err
	})
}

// update replaces the value of a revision, or returns bus.ErrConflict.
func (t table[T]) update(ctx context.Context, key string, value T, revision uint64) error {
	return t.write(func() error {
		_, err := t.bucket.Update(ctx, key, value, revision)
		return err
	})
}

// change replaces what is there by what f makes of it, as often as others'
// writes come in between, and returns the new value. An error of f ends it.
func (t table[T]) change(ctx context.Context, key string, f func(*T) error) (T, error) {
	for {
		e, err := t.get(ctx, key)
		if err != nil {
			return e.Value, err
		}
		if err := f(&e.Value); err != nil {
			return e.Value, err
		}
		if err = t.update(ctx, key, e.Value, e.Revision); !errors.Is(err, bus.ErrConflict) {
			return e.Value, err
		}
	}
}

// remove forgets keys.
func (t table[T]) remove(ctx context.Context, keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	return t.write(func() error { return t.bucket.Delete(ctx, keys...) })
}

// errEnough ends a walk that has seen what it wanted.
var errEnough = errors.New("enough")

// oldest returns up to limit entries in the order they were written last, as
// long as they are due.
func (t table[T]) oldest(ctx context.Context, limit int, due func(bus.Entry[T]) bool) (all []bus.Entry[T], err error) {
	err = t.bucket.All(ctx, func(e bus.Entry[T]) error {
		if len(all) == limit || !due(e) {
			return errEnough
		}
		all = append(all, e)
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return all, err
}

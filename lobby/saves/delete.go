package saves

import (
	"context"
	"time"

	"github.com/musterhq/muster/protocol"
)

// tidyAt is how many blobs may be gone before a writer deletes them: deleting
// costs the bus about as much for one as for many.
const tidyAt = 8

// Delete forgets a key's value for good, if it has the version, or Any.
func (v *Vault) Delete(ctx context.Context, game string, of protocol.PlayerID, as Role, key string, version Version) error {
	at, err := address(game, of)
	if err != nil {
		return err
	}
	err = v.change(ctx, at, func(x *index) error {
		i, ok := x.find(key)
		switch {
		case as == Stranger:
			return ErrForbidden
		case !ok:
			return ErrNotFound
		case as == Owner && x.Saves[i].Service:
			return ErrForbidden
		case version != Any && uint64(version) != x.Saves[i].Version:
			return ErrVersion
		}
		x.remove(i)
		return nil
	})
	if err != nil {
		return err
	}
	return v.tidy(ctx, at, 1)
}

// DeleteAll forgets everything a player has saved in a game, for an account
// that is no more. Writes that are under way come to nothing. It may be tried
// again until it returns nil.
func (v *Vault) DeleteAll(ctx context.Context, game string, of protocol.PlayerID) error {
	at, err := address(game, of)
	if err != nil {
		return err
	}
	x, err := v.read(ctx, at)
	if err != nil || x.Last == 0 {
		return err
	}
	if err := v.change(ctx, at, func(x *index) error { x.clear(); return nil }); err != nil {
		return err
	}
	return v.tidy(ctx, at, 1)
}

// tidy deletes the blobs that are gone, if there are so many.
func (v *Vault) tidy(ctx context.Context, at string, atLeast int) error {
	x, err := v.read(ctx, at)
	if err != nil {
		return err
	}
	x.giveUp(time.Now())
	if len(x.Gone) < atLeast {
		return nil
	}
	// Those who have not given it up yet must find it gone before its blob is.
	err = v.change(ctx, at, func(y *index) error {
		y.giveUp(time.Now())
		x = *y
		return nil
	})
	if err != nil {
		return err
	}
	var keys []string
	for _, b := range x.Gone {
		keys = append(keys, blobKey(at, b))
	}
	if err := v.blobs.Delete(ctx, keys...); err != nil {
		return err
	}
	return v.change(ctx, at, func(y *index) error { y.forget(x.Gone); return nil })
}

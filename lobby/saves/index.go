package saves

import (
	"slices"
	"strings"
	"time"
)

// An index is what a player has saved. Everything about it is a pure function
// of it.
type index struct {
	Last   uint64   // the newest number that was given to a blob or a version
	Saves  []item   // by key
	Coming []coming // blobs that are being written, or were when somebody died
	Gone   []uint64 // blobs that may be deleted
}

// An item is one key. Blob is its value's.
type item struct {
	Key     string
	Version uint64
	Blob    uint64
	Size    int
	Service bool
	Public  bool
	At      int64 // Unix seconds
}

// A coming is a blob that nothing refers to yet.
type coming struct {
	Blob uint64
	At   int64 // Unix seconds
}

const (
	maxComing = 16               // blobs being written for one player
	lifetime  = 10 * time.Minute // of a coming: far longer than any write takes
)

func (x *index) find(key string) (i int, ok bool) {
	return slices.BinarySearchFunc(x.Saves, key, func(s item, key string) int { return strings.Compare(s.Key, key) })
}

// allow says whether a draft may be saved now.
func (x *index) allow(d *Draft, as Role, cfg *Config) error {
	i, there := x.find(d.Key)
	var now item
	if there {
		now = x.Saves[i]
	}
	keys, size := len(x.Saves)+1, len(d.Value)-now.Size
	if there {
		keys--
	}
	for _, s := range x.Saves {
		size += s.Size
	}
	switch {
	case as != Service && (as != Owner || now.Service || d.Service):
		return ErrForbidden
	case d.If != Any && uint64(d.If) != now.Version:
		return ErrVersion
	case !there && keys > cfg.Keys, len(d.Value) > now.Size && size > cfg.Quota:
		return ErrQuota // where less was allowed later, what is there may still shrink
	}
	return nil
}

// begin gives a blob its number, if there are not too many under way.
func (x *index) begin(now time.Time) (blob uint64, err error) {
	x.giveUp(now)
	if len(x.Coming) >= maxComing {
		return 0, ErrBusy
	}
	x.Last++
	x.Coming = append(x.Coming, coming{x.Last, now.Unix()})
	return x.Last, nil
}

// giveUp counts blobs as gone whose writers must be dead.
func (x *index) giveUp(now time.Time) {
	x.Coming = slices.DeleteFunc(x.Coming, func(c coming) bool {
		dead := c.At < now.Add(-lifetime).Unix()
		if dead {
			x.Gone = append(x.Gone, c.Blob)
		}
		return dead
	})
}

// arrive takes a blob off those that are coming. It returns false if it is not
// one of them any more.
func (x *index) arrive(blob uint64) bool {
	i := slices.IndexFunc(x.Coming, func(c coming) bool { return c.Blob == blob })
	if i < 0 {
		return false
	}
	x.Coming = slices.Delete(x.Coming, i, i+1)
	return true
}

// put makes a blob the value of its key.
func (x *index) put(d *Draft, blob uint64, now time.Time) item {
	x.Last++
	s := item{d.Key, x.Last, blob, len(d.Value), d.Service, d.Public, now.Unix()}
	i, there := x.find(d.Key)
	if there {
		x.Gone = append(x.Gone, x.Saves[i].Blob)
		x.Saves[i] = s
	} else {
		x.Saves = slices.Insert(x.Saves, i, s)
	}
	return s
}

// remove takes a key out.
func (x *index) remove(i int) {
	x.Gone = append(x.Gone, x.Saves[i].Blob)
	x.Saves = slices.Delete(x.Saves, i, i+1)
}

// clear takes everything out, with what is under way.
func (x *index) clear() {
	for _, c := range x.Coming {
		x.Gone = append(x.Gone, c.Blob)
	}
	for _, s := range x.Saves {
		x.Gone = append(x.Gone, s.Blob)
	}
	x.Coming, x.Saves = nil, nil
}

// forget strikes blobs that were deleted.
func (x *index) forget(blobs []uint64) {
	x.Gone = slices.DeleteFunc(x.Gone, func(b uint64) bool { return slices.Contains(blobs, b) })
}

func (s item) save() Save {
	return Save{s.Key, Version(s.Version), s.Size, nil, s.Service, s.Public, time.Unix(s.At, 0).UTC()}
}

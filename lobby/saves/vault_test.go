package saves

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/bus/bustest"
)

func TestMain(m *testing.M) { bustest.Main(m) }

const (
	game = "duel"
	ada  = protocol.PlayerID("ada")
)

func mustOpen(t testing.TB, n *bus.Node, cfg Config) *Vault {
	t.Helper()
	v, err := Open(n, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func mustPut(t testing.TB, v *Vault, d Draft) Save {
	t.Helper()
	s, err := v.Put(context.Background(), game, ada, Owner, d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// blobsOf counts the blobs there are.
func blobsOf(t testing.TB, v *Vault) (n int) {
	t.Helper()
	if err := v.blobs.All(context.Background(), func(bus.Entry[[]byte]) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestASaveComesBack(t *testing.T) {
	v := mustOpen(t, bustest.Node(t), Config{})
	for _, value := range [][]byte{{}, {0}, bytes.Repeat([]byte("x"), 64<<10)} {
		s := mustPut(t, v, Draft{Key: "world/1 ä", Value: value, If: Any})
		got, err := v.Get(t.Context(), game, ada, Owner, "world/1 ä")
		if err != nil || !bytes.Equal(got.Value, value) || got.Version != s.Version || got.Size != len(value) || got.At != s.At {
			t.Errorf("got %.80v, %v", got, err)
		}
	}
	if list, err := v.List(t.Context(), game, ada, Owner); err != nil || len(list) != 1 || list[0].Value != nil || list[0].Size != 64<<10 {
		t.Errorf("list: %v, %v", list, err)
	}
	if none, err := v.List(t.Context(), "arena", ada, Service); err != nil || len(none) != 0 {
		t.Errorf("in another game: %v, %v", none, err)
	}
}

func TestVersions(t *testing.T) {
	v := mustOpen(t, bustest.Node(t), Config{})
	first := mustPut(t, v, Draft{Key: "k", Value: []byte("1")})
	put := func(d Draft) error { _, err := v.Put(t.Context(), game, ada, Owner, d); return err }
	if err := put(Draft{Key: "k"}); !errors.Is(err, ErrVersion) {
		t.Errorf("new again: %v", err)
	}
	second := mustPut(t, v, Draft{Key: "k", Value: []byte("2"), If: first.Version})
	if err := put(Draft{Key: "k", If: first.Version}); !errors.Is(err, ErrVersion) || second.Version <= first.Version {
		t.Errorf("the old version: %v", err)
	}
	if err := v.Delete(t.Context(), game, ada, Owner, "k", first.Version); !errors.Is(err, ErrVersion) {
		t.Errorf("deleted the old version: %v", err)
	}
	if err := v.Delete(t.Context(), game, ada, Owner, "k", second.Version); err != nil {
		t.Error(err)
	}
	if err := v.Delete(t.Context(), game, ada, Owner, "k", Any); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	if err := put(Draft{Key: "k", If: second.Version}); !errors.Is(err, ErrVersion) {
		t.Errorf("the version of what was deleted: %v", err)
	}
	if third := mustPut(t, v, Draft{Key: "k"}); third.Version <= second.Version {
		t.Errorf("version %d after %d", third.Version, second.Version)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	v := mustOpen(t, bustest.Node(t), Config{})
	put := func(as Role, d Draft) error {
		_, err := v.Put(t.Context(), game, ada, as, d)
		return err
	}
	for _, step := range []struct {
		note string
		err  error
		want error
	}{
		{"stranger writes", put(Stranger, Draft{Key: "a"}), ErrForbidden},
		{"owner writes as a service", put(Owner, Draft{Key: "a", Service: true}), ErrForbidden},
		{"owner", put(Owner, Draft{Key: "a"}), nil},
		{"owner, public", put(Owner, Draft{Key: "b", Public: true}), nil},
		{"service", put(Service, Draft{Key: "coins", Service: true}), nil},
		{"owner writes what is a service's", put(Owner, Draft{Key: "coins", If: Any}), ErrForbidden},
		{"owner deletes what is a service's", v.Delete(t.Context(), game, ada, Owner, "coins", Any), ErrForbidden},
		{"stranger deletes", v.Delete(t.Context(), game, ada, Stranger, "b", Any), ErrForbidden},
		{"no key", put(Owner, Draft{}), ErrKey},
		{"a long key", put(Owner, Draft{Key: strings.Repeat("k", 65)}), ErrKey},
		{"a key with a line's end", put(Owner, Draft{Key: "a\n"}), ErrKey},
		{"a big value", put(Owner, Draft{Key: "c", Value: make([]byte, 64<<10+1)}), ErrTooBig},
	} {
		if !errors.Is(step.err, step.want) {
			t.Errorf("%s: got %v, want %v", step.note, step.err, step.want)
		}
	}
	for key, want := range map[string][2]error{"a": {ErrNotFound, nil}, "b": {nil, nil}, "coins": {ErrNotFound, nil}, "none": {ErrNotFound, ErrNotFound}} {
		_, stranger := v.Get(t.Context(), game, ada, Stranger, key)
		_, owner := v.Get(t.Context(), game, ada, Owner, key)
		if !errors.Is(stranger, want[0]) || !errors.Is(owner, want[1]) {
			t.Errorf("%s: stranger %v, owner %v", key, stranger, owner)
		}
	}
	if list, _ := v.List(t.Context(), game, ada, Stranger); len(list) != 1 || list[0].Key != "b" {
		t.Errorf("a stranger sees %v", list)
	}
	if _, err := v.Put(t.Context(), "a\x00b", ada, Owner, Draft{Key: "a"}); !errors.Is(err, ErrAddress) {
		t.Errorf("a game that is none: %v", err)
	}
}

// TestQuotaUnderConcurrentWriters: whoever writes, the sum never exceeds it.
func TestQuotaUnderConcurrentWriters(t *testing.T) {
	cfg := Config{Quota: 1000, Keys: 5}
	v := mustOpen(t, bustest.Node(t), cfg)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			for range 25 {
				key := fmt.Sprint(r.IntN(8))
				_, err := v.Put(context.Background(), game, ada, Owner, Draft{Key: key, Value: make([]byte, r.IntN(400)), If: Any})
				if err != nil && !errors.Is(err, ErrQuota) {
					t.Error(err)
				}
				list, err := v.List(context.Background(), game, ada, Owner)
				sum := 0
				for _, s := range list {
					sum += s.Size
				}
				if err != nil || sum > cfg.Quota || len(list) > cfg.Keys {
					t.Errorf("%d bytes, %d keys, %v", sum, len(list), err)
				}
				if r.IntN(4) == 0 {
					if err := v.Delete(context.Background(), game, ada, Owner, key, Any); err != nil && !errors.Is(err, ErrNotFound) {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	all.Wait()
	list, err := v.Export(t.Context(), game, ada)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.tidy(t.Context(), game+"\x00"+string(ada), 1); err != nil {
		t.Fatal(err)
	}
	if n := blobsOf(t, v); n != len(list) {
		t.Errorf("%d blobs for %d saves", n, len(list))
	}
}

// TestOneOfManyWins: of writers that know the same version one succeeds.
func TestOneOfManyWins(t *testing.T) {
	v := mustOpen(t, bustest.Node(t), Config{})
	s := mustPut(t, v, Draft{Key: "k"})
	var all sync.WaitGroup
	won := make(chan byte, 12)
	for i := range 12 {
		all.Go(func() {
			_, err := v.Put(context.Background(), game, ada, Owner, Draft{Key: "k", Value: []byte{byte(i)}, If: s.Version})
			if err == nil {
				won <- byte(i)
			} else if !errors.Is(err, ErrVersion) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(won) != 1 {
		t.Fatalf("%d have won", len(won))
	}
	if got, err := v.Get(t.Context(), game, ada, Owner, "k"); err != nil || got.Value[0] != <-won {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestADeathBetweenWrites ends a writer after each of its writes. What was
// there is there, the quota is as before, and no blob is left over.
func TestADeathBetweenWrites(t *testing.T) {
	at := game + "\x00" + string(ada)
	for steps := range 4 {
		t.Run(fmt.Sprint(steps), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, err := bus.Open(bus.Config{Dir: bus.Memory})
				if err != nil {
					t.Fatal(err)
				}
				defer n.Close()
				v := mustOpen(t, n, Config{Quota: 100, Keys: 2})
				old := mustPut(t, v, Draft{Key: "k", Value: make([]byte, 60)})
				d := Draft{Key: "k", Value: make([]byte, 90), If: old.Version}
				blob, want := uint64(0), 60
				if steps > 0 {
					blob, err = v.begin(t.Context(), at, Owner, &d)
				}
				if steps > 1 && err == nil {
					_, err = v.blobs.Create(t.Context(), blobKey(at, blob), d.Value)
				}
				if steps > 2 && err == nil {
					_, err = v.commit(t.Context(), at, Owner, &d, blob)
					want = 90
				}
				if err != nil {
					t.Fatal(err)
				}
				got, err := v.Get(t.Context(), game, ada, Owner, "k")
				if err != nil || len(got.Value) != want {
					t.Errorf("got %v, %v", got, err)
				}
				mustPut(t, v, Draft{Key: "other", Value: make([]byte, 10)})
				time.Sleep(lifetime + time.Minute)
				if err := v.tidy(t.Context(), at, 1); err != nil {
					t.Fatal(err)
				}
				if n := blobsOf(t, v); n != 2 {
					t.Errorf("%d blobs for 2 saves", n)
				}
				if steps == 2 { // it was only slow
					if _, err := v.commit(t.Context(), at, Owner, &d, blob); !errors.Is(err, ErrBusy) {
						t.Errorf("committed in the end: %v", err)
					}
				}
			})
		})
	}
}

func TestDeleteAll(t *testing.T) {
	v := mustOpen(t, bustest.Node(t), Config{})
	for i := range 10 {
		mustPut(t, v, Draft{Key: fmt.Sprint(i), Value: []byte{byte(i)}})
	}
	other, err := v.Put(t.Context(), "arena", ada, Owner, Draft{Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	all, err := v.Export(t.Context(), game, ada)
	if err != nil || len(all) != 10 || all[7].Value[0] != 7 {
		t.Errorf("exported %v, %v", all, err)
	}
	at := game + "\x00" + string(ada)
	d := Draft{Key: "late"}
	blob, err := v.begin(t.Context(), at, Owner, &d)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := v.DeleteAll(t.Context(), game, ada); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v.commit(t.Context(), at, Owner, &d, blob); !errors.Is(err, ErrBusy) {
		t.Errorf("a write that was under way: %v", err)
	}
	if list, err := v.List(t.Context(), game, ada, Service); err != nil || len(list) != 0 {
		t.Errorf("left: %v, %v", list, err)
	}
	if n := blobsOf(t, v); n != 1 {
		t.Errorf("%d blobs are left", n)
	}
	if got, err := v.Get(t.Context(), "arena", ada, Owner, "k"); err != nil || got.Version != other.Version {
		t.Errorf("of another game: %v, %v", got, err)
	}
}

func TestAbandonedWritesDoNotPileUp(t *testing.T) {
	v := mustOpen(t, bustest.Node(t), Config{})
	at := game + "\x00" + string(ada)
	d := Draft{Key: "k"}
	for range maxComing {
		if _, err := v.begin(t.Context(), at, Owner, &d); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v.Put(t.Context(), game, ada, Owner, d); !errors.Is(err, ErrBusy) {
		t.Errorf("one more: %v", err)
	}
}

// TestAgainstAModel does at random what can be done, with a folder that is
// opened again now and then, and compares with a map.
func TestAgainstAModel(t *testing.T) {
	seed := rand.Uint64()
	r, dir := rand.New(rand.NewPCG(seed, 0)), t.TempDir()
	model := map[string]Save{}
	for range 4 {
		n, err := bus.Open(bus.Config{Dir: dir, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		v := mustOpen(t, n, Config{Quota: 300, Keys: 4})
		for range 60 {
			step(t, r, v, model)
		}
		all, err := v.Export(t.Context(), game, ada)
		if err != nil || len(all) != len(model) {
			t.Errorf("seed %d: exported %d, %v, want %d", seed, len(all), err, len(model))
		}
		for _, s := range all {
			if want := model[s.Key]; s.Version != want.Version || !bytes.Equal(s.Value, want.Value) {
				t.Errorf("seed %d: got %v, want %v", seed, s, want)
			}
		}
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func step(t *testing.T, r *rand.Rand, v *Vault, model map[string]Save) {
	key := fmt.Sprint(r.IntN(6))
	was, there := model[key]
	cond := []Version{New, Any, was.Version, was.Version + 1}[r.IntN(4)]
	fits := cond == Any || cond == was.Version
	if r.IntN(4) == 0 {
		err := v.Delete(t.Context(), game, ada, Owner, key, cond)
		if ok := there && fits; ok != (err == nil) {
			t.Errorf("delete %q: %v", key, err)
		}
		if err == nil {
			delete(model, key)
		}
		return
	}
	value := make([]byte, r.IntN(150))
	sum, keys := len(value)-was.Size, len(model)
	for _, s := range model {
		sum += s.Size
	}
	if !there {
		keys++
	}
	s, err := v.Put(t.Context(), game, ada, Owner, Draft{Key: key, Value: value, If: cond})
	if ok := fits && sum <= 300 && keys <= 4 || fits && there && len(value) <= was.Size; ok != (err == nil) {
		t.Errorf("put %q of %d, %d bytes and %d keys: %v", key, len(value), sum, keys, err)
	}
	if err == nil {
		model[key] = s
	}
}

func BenchmarkPut(b *testing.B) {
	v := mustOpen(b, bustest.Node(b), Config{})
	value := make([]byte, 1<<10)
	for b.Loop() {
		mustPut(b, v, Draft{Key: "k", Value: value, If: Any})
	}
}

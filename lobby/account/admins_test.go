package account

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/musterhq/muster/protocol/bus"
)

// mustAdmin is a guest who is an admin.
func (w *world) mustAdmin(game Game) Ref {
	w.Helper()
	ref := w.mustGuest(game, "Root").Account.Ref
	w.wants("appoint", w.SetRole(w.Context(), ref, RoleAdmin), nil)
	return ref
}

// admins is how many a game has.
func (w *world) admins(game Game) (n int) {
	w.Helper()
	err := w.accounts.bucket.All(w.Context(), func(e bus.Entry[record]) error {
		if e.Value.Game == game && e.Value.Role == RoleAdmin && !e.Value.Leaving {
			n++
		}
		return nil
	})
	w.wants("count", err, nil)
	return n
}

// TestTheLastAdmin of a game neither leaves nor gives the role away, and is
// as before for having tried.
func TestTheLastAdmin(t *testing.T) {
	w := mustWorld(t)
	ctx := t.Context()
	w.mustAdmin(arena) // of another game: of no use here
	last, player := w.mustAdmin(chess), w.mustGuest(chess, "Ada").Account.Ref
	w.told = nil
	for _, role := range []Role{RolePlayer, RoleModerator} {
		w.wants(string(role), w.SetRole(ctx, last, role), ErrLastAdmin)
	}
	w.wants("delete", w.Delete(ctx, last), ErrLastAdmin)
	w.wants("sweep", errOf(w.Sweep(ctx)), nil)
	if a, err := w.Account(ctx, last); err != nil || a.Role != RoleAdmin || len(w.told) != 0 || count(w, w.intents) != 0 {
		t.Errorf("left as %+v, %v; told %v", a, err, w.told)
	}
	w.wants("admin again", w.SetRole(ctx, last, RoleAdmin), nil)
	w.wants("a player", w.Delete(ctx, player), nil)
	second := w.mustAdmin(chess)
	w.wants("with another", w.SetRole(ctx, last, RolePlayer), nil)
	w.wants("now the last", w.Delete(ctx, second), ErrLastAdmin)
	w.wants("appointed again", w.SetRole(ctx, last, RoleAdmin), nil)
	w.wants("with another", w.Delete(ctx, second), nil)
	w.wants("one that is gone", w.SetRole(ctx, second, RolePlayer), ErrNotFound)
	w.wants("the last", w.Delete(ctx, last), ErrLastAdmin)
}

// TestAdminsWhoLeaveAtOnce, in whatever way, and each taking another's role: one
// is left.
func TestAdminsWhoLeaveAtOnce(t *testing.T) {
	w := mustWorld(t)
	var all []Ref
	for range 8 {
		all = append(all, w.mustAdmin(chess))
	}
	var refused atomic.Int32
	var leaving sync.WaitGroup
	for i, ref := range all {
		leaving.Go(func() {
			var err error
			if i%2 == 0 {
				err = w.Delete(t.Context(), ref)
			} else {
				err = w.SetRole(t.Context(), ref, RoleModerator)
			}
			if errors.Is(err, ErrLastAdmin) {
				refused.Add(1)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	leaving.Wait()
	if n := w.admins(chess); n != 1 || refused.Load() != 1 {
		t.Errorf("%d admins are left, %d were refused", n, refused.Load())
	}
}

package social

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// box is a Post.
type box struct {
	mu   sync.Mutex
	all  []string
	fail error
}

func (b *box) Invited(_ context.Context, to Who, by protocol.Player, _ store.PartyID, expires time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = append(b.all, fmt.Sprintf("%s: %s invites you for %v", to.ID, by.ID, time.Until(expires)))
	return b.fail
}

// TestAnInvitationReachesAFriendWhoIsAway, and neither one who is here, nor one
// who is no friend, nor one who blocks.
func TestAnInvitationReachesAFriendWhoIsAway(t *testing.T) {
	inWorld(t, Config{}, func(t *testing.T, w *world) {
		b := &box{fail: ErrBusy} // the invitation stands all the same
		w.deps.Post = b
		w.come(ada)
		w.befriend(ada, bob)
		w.befriend(ada, cyd)
		w.come(cyd)
		w.must(w.Block(t.Context(), dan, ada.ID))
		for _, to := range []Who{bob, cyd, dan} {
			w.must(w.Invite(t.Context(), ada, to.ID))
		}
		if want := []string{"bob: ada invites you for 5m0s"}; !slices.Equal(b.all, want) {
			t.Errorf("got %q, want %q", b.all, want)
		}
		equal(t, "invitations", len(w.Party(bob).Invitations), 1)
	})
}

func TestExport(t *testing.T) {
	inWorld(t, Config{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		since := timeNow().Truncate(time.Second).UTC()
		w.befriend(ada, bob)
		w.must(w.AskFriend(ctx, ada, cyd.ID))
		w.must(w.Block(ctx, ada, dan.ID))
		w.must(w.Mute(ctx, ada, dan.ID))
		until := since.Add(time.Hour)
		w.must(w.Silence(ctx, dan, ada.ID, until, "insults"))
		got, err := w.Export(ctx, ada)
		w.must(err)
		if s := got.Silence; s == nil || !s.Until.Equal(until) || s.By != dan.ID || s.Why != "insults" {
			t.Errorf("silence %+v", s)
		}
		got.Silence = nil
		equal(t, "export", got, Export{
			Ties:   []ExportedTie{{bob.ID, "Bob", "friend", since}, {cyd.ID, "Cyd", "asked", since}},
			Blocks: []protocol.PlayerID{dan.ID}, Mutes: []protocol.PlayerID{dan.ID},
		})
		w.must(w.Forget(ctx, ada))
		got, err = w.Export(ctx, ada)
		w.must(err)
		equal(t, "afterwards", got, Export{})
	})
}

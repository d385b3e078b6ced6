package bus

import (
	"context"
	"log/slog"
	"testing"
)

// TestAPanicOfAHandlerLosesOneMessage: who has asked hears nothing, and those
// who ask and tell afterwards are served.
func TestAPanicOfAHandlerLosesOneMessage(t *testing.T) {
	t.Parallel()
	n, err := Open(Config{Dir: Memory, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	ctx, heard := context.WithCancel(t.Context())
	end, err := n.Serve("s", func(_ context.Context, data []byte) []byte {
		if len(data) == 0 {
			heard() // nobody has to wait for an answer that does not come
			panic("of a server")
		}
		return data
	})
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	told := make(chan string, 1)
	cancel, err := n.Subscribe("news", func(data []byte) { told <- string(data[:3]) })
	if err != nil {
		t.Fatal(err)
	}
	defer cancel()
	if _, err := n.Request(ctx, "s", nil); err == nil {
		t.Error("a panic was an answer")
	}
	if got, err := n.Request(t.Context(), "s", []byte("again")); err != nil || string(got) != "again" {
		t.Error(string(got), err)
	}
	for _, news := range []string{"", "one"} {
		if err := n.Publish("news", []byte(news)); err != nil {
			t.Fatal(err)
		}
	}
	if got := <-told; got != "one" {
		t.Error(got)
	}
}

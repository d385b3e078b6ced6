package bus

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// TestMain is also the process that is killed: with a folder in the
// environment it writes there without end, and says what was acknowledged.
func TestMain(m *testing.M) {
	if dir := os.Getenv("MUSTER_TEST_WRITE"); dir != "" {
		if err := writeForever(dir, os.Getenv("MUSTER_TEST_FROM")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	stop := outsideOfBubbles()
	code := m.Run()
	stop()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// outsideOfBubbles opens a stream that stays open: NATS keeps one goroutine for
// all streams of a process, and where it began inside a bubble, on a channel
// from outside, time stands still there.
func outsideOfBubbles() (stop func()) {
	n, err := Open(Config{Dir: Memory})
	if err == nil {
		_, err = OpenBucket[thing](n, "outside", Kept)
	}
	if err != nil {
		panic(err)
	}
	return func() { n.Close() }
}

func writeForever(dir, from string) error {
	n, err := Open(Config{Dir: dir})
	if err != nil {
		return err
	}
	ctx := context.Background()
	b, errB := OpenBucket[thing](n, "things", Kept)
	s, errS := OpenStream[thing](n, "events")
	if err := errors.Join(errB, errS); err != nil {
		return err
	}
	start, _ := strconv.Atoi(from)
	for i := start; ; i++ {
		key := strconv.Itoa(i)
		if _, err := b.Create(ctx, key, thing{key, i}); err != nil {
			return err
		}
		if _, err := s.Append(ctx, key, thing{key, i}); err != nil {
			return err
		}
		if i%10 == 3 { // leaves for good
			if err := b.Delete(ctx, key); err != nil {
				return err
			}
		}
		fmt.Println(i)
	}
}

func TestNothingAcknowledgedIsLostToAKill(t *testing.T) {
	t.Parallel()
	dir, next := t.TempDir(), 0
	for range 8 {
		next = writeAndKill(t, dir, next)
	}
	n := mustOpen(t, dir)
	b := mustBucket(t, n, "things")
	s, err := OpenStream[thing](n, "events")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	if err := s.Read(t.Context(), 0, func(r Record[thing]) error {
		if seen[r.Value.Count] {
			t.Errorf("%d is there twice", r.Value.Count)
		}
		seen[r.Value.Count] = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for i := range next {
		_, err := b.Get(t.Context(), strconv.Itoa(i))
		if gone := errors.Is(err, ErrNotFound); gone != (i%10 == 3) || !seen[i] {
			t.Fatalf("of %d: bucket %v, log %v", i, err, seen[i])
		}
	}
	t.Logf("%d writes, 8 kills", 2*next)
}

// writeAndKill lets a child write for a while, and returns the first number
// that it did not acknowledge. Its last write may have happened: the next child
// begins beyond it.
func writeAndKill(t *testing.T, dir string, from int) (next int) {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "MUSTER_TEST_WRITE="+dir, "MUSTER_TEST_FROM="+strconv.Itoa(from))
	var stderr strings.Builder
	child.Stderr = &stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	stopAt, last := from+10+rand.IntN(400), from-1
	for lines := bufio.NewScanner(out); lines.Scan(); {
		last, _ = strconv.Atoi(lines.Text())
		if last == stopAt {
			child.Process.Kill()
		}
	}
	if child.Wait(); last < stopAt {
		t.Fatalf("the child ended at %d: %s", last, stderr.String())
	}
	if err := finish(dir, last+1); err != nil {
		t.Fatal(err)
	}
	return last + 2
}

// finish makes sure of the write that was under way when the child died.
func finish(dir string, i int) error {
	n, err := Open(Config{Dir: dir})
	if err != nil {
		return err
	}
	defer n.Close()
	b, errB := OpenBucket[thing](n, "things", Kept)
	s, errS := OpenStream[thing](n, "events")
	if err := errors.Join(errB, errS); err != nil {
		return err
	}
	key := strconv.Itoa(i)
	if _, err := b.Create(context.Background(), key, thing{key, i}); err != nil && !errors.Is(err, ErrExists) {
		return err
	}
	if i%10 == 3 {
		err = b.Delete(context.Background(), key)
	}
	_, errS = s.Append(context.Background(), key, thing{key, i})
	return errors.Join(err, errS)
}

func TestDamageAfterAKillIsNoticed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "MUSTER_TEST_WRITE="+dir, "MUSTER_TEST_FROM=0")
	out, _ := child.StdoutPipe()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		m, err := readMarks(dir)
		if err != nil {
			t.Error(err)
		}
		if err != nil || m.streams["kv-things"].Last > 10 { // what is damaged below was marked
			child.Process.Kill()
		}
	}
	child.Wait()
	block := filepath.Join(dir, "log/jetstream/$G/streams/kv-things/msgs/1.blk")
	flipValue(t, block, "kv.things."+keyText.EncodeToString([]byte("5")))
	if n, err := Open(Config{Dir: dir}); !errors.Is(err, ErrDamaged) {
		n.Close()
		t.Errorf("opened: %v", err)
	}
}

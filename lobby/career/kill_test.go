package career

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/musterhq/muster/protocol/bus"
)

// In the environment of a child these say where it finishes matches without
// end, and from which number on.
const (
	finishIn   = "MUSTER_TEST_FINISH"
	finishFrom = "MUSTER_TEST_FROM"
)

// snapshotOf has one written all the time.
func snapshotOf(dir string) Config {
	return Config{Log: quiet, Snapshot: filepath.Join(dir, "results.snapshot"), SnapshotEvery: 1}
}

// finishForever prints the number of each match whose result is kept.
func finishForever(dir, from string) error {
	node, err := bus.Open(bus.Config{Dir: dir, Log: quiet})
	if err != nil {
		return err
	}
	c, err := Open(context.Background(), snapshotOf(dir), node)
	if err != nil {
		return err
	}
	go c.Run(context.Background())
	n, _ := strconv.Atoi(from)
	for ; ; n++ {
		e := played(strconv.Itoa(n), 1, 2, 3)
		for i := range e.Seats {
			e.Seats[i].Player = player((n*7 + i) % 50)
		}
		if err := c.Finish(context.Background(), e); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// TestKilledWhileItIsWritten: whenever a server is killed, the next one's start
// from the snapshot comes to what all results come to.
func TestKilledWhileItIsWritten(t *testing.T) {
	dir, from, used, amid := t.TempDir(), 0, 0, 0
	const kills = 5
	for range kills {
		from = finishAndKill(t, dir, from)
		cfg := snapshotOf(dir)
		if _, err := os.Stat(cfg.Snapshot + ".part"); err == nil {
			amid++
		}
		if sameAsRead(t, dir, cfg, from) {
			used++
		}
	}
	t.Logf("%d kills, %d of them while a snapshot was written, %d starts from one", kills, amid, used)
	if used == 0 {
		t.Error("no start was from a snapshot: this says nothing")
	}
}

// sameAsRead says whether a start on a folder, which came to the right, was
// from a snapshot.
func sameAsRead(t *testing.T, dir string, cfg Config, acknowledged int) bool {
	t.Helper()
	node, err := bus.Open(bus.Config{Dir: dir, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	c, err := Open(t.Context(), cfg, node)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := Open(t.Context(), Config{Log: quiet}, node)
	if err != nil {
		t.Fatal(err)
	}
	alike(t, c.fold, whole.fold)
	if at := int(c.fold.last()); at < acknowledged {
		t.Errorf("%d results, %d were acknowledged", at, acknowledged)
	}
	return c.keeper.covers() > 0
}

// finishAndKill lets a child finish matches for a while, and returns the number
// of the first that it did not acknowledge.
func finishAndKill(t *testing.T, dir string, from int) (next int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), finishIn+"="+dir, finishFrom+"="+strconv.Itoa(from))
	var stderr strings.Builder
	child.Stderr = &stderr
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	stopAt, last := from+10+rand.IntN(100), from-1
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if last, _ = strconv.Atoi(lines.Text()); last == stopAt {
			child.Process.Kill()
		}
	}
	if child.Wait(); last < stopAt {
		t.Fatalf("the child ended at %d: %s", last, stderr.String())
	}
	return last + 1
}

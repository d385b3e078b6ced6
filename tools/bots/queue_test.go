package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// smallDay is the first hour of one with as many players as make a queue.
func smallDay(mode string) QueueConfig {
	return QueueConfig{Seed: 1, Players: 20_000, Mode: mode, Day: time.Hour, New: 0.1, Patience: time.Minute, BotsAt: 2 * time.Minute}
}

func TestQueueDay(t *testing.T) {
	for mode, seats := range map[string]int{"1v1": 2, "4v4": 8} {
		d := playDay(smallDay(mode))
		all := d.total()
		s := all.summary()
		if all.matches < 150 || s.Wait50 > 45 || s.Wait99 > 130 || s.Ping95 > 250 || s.OfRandom > 30 || s.Favourite < 50 || s.Favourite > 78 || s.Bots > 40 {
			t.Errorf("%s: %d matches, %+v", mode, all.matches, s)
		}
		if full := (all.matches - all.withBots) * seats; len(all.waits) < full || len(all.waits) > all.matches*seats || len(all.pings) != len(all.waits) {
			t.Errorf("%s: %d waits in %d matches, %d with bots", mode, len(all.waits), all.matches, all.withBots)
		}
	}
}

func TestQueueDayRepeats(t *testing.T) {
	cfg := smallDay("4v4")
	cfg.Day = 20 * time.Minute
	var first, second, other bytes.Buffer
	playDay(cfg).print(&first)
	playDay(cfg).print(&second)
	cfg.Seed = 2
	playDay(cfg).print(&other)
	if first.String() != second.String() {
		t.Errorf("one seed, two days:\n%s\n%s", &first, &second)
	}
	if first.String() == other.String() {
		t.Error("two seeds, one day")
	}
}

// TestRatingsFollowSkill: newcomers end the day nearer to their skill than
// they began.
func TestRatingsFollowSkill(t *testing.T) {
	cfg := smallDay("1v1")
	cfg.New, cfg.Day = 1, 2*time.Hour
	d := playDay(cfg)
	var off []float64
	for _, b := range d.bands {
		for _, p := range b.members {
			if p.rating.Matches >= 8 {
				off = append(off, max(p.rating.Mu-p.skill, p.skill-p.rating.Mu))
			}
		}
	}
	if len(off) < 30 || quantile(off, .5) > 4.5 { // 5.6 is the median of who was never rated
		t.Errorf("%d players are off by %v in the median", len(off), quantile(off, .5))
	}
}

func TestQueueCommand(t *testing.T) {
	for file, begins := range map[string]string{"day.svg": "<?xml", "day.png": "\x89PNG"} {
		file = filepath.Join(t.TempDir(), file)
		var out bytes.Buffer
		args := []string{"-seed", "3", "-players-per-day", "2000", "-mode", "1v1", "-day", "90m", "-plot", file}
		if code := runQueue(args, &out); code != 0 {
			t.Fatalf("exit code %d: %s", code, &out)
		}
		if lines := strings.Split(out.String(), "\n"); !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), "day ") }) || len(lines) < 6 {
			t.Errorf("the table:\n%s", &out)
		}
		if text, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(text), begins) {
			t.Errorf("%s: %v, begins with %.20q", file, err, text)
		}
	}
}

func TestQueueArguments(t *testing.T) {
	for _, bad := range [][]string{
		{"-mode", "2v2"}, {"-players-per-day", "0"}, {"-day", "25h"}, {"-day", "0s"}, {"-new", "2"}, {"-new", "NaN"}, {"-plot", "day.pdf"}, {"-patience", "-1s"}, {"more"},
	} {
		if code := run(append([]string{"queue"}, bad...)); code != 2 {
			t.Errorf("%v: exit code %d, want 2", bad, code)
		}
	}
	if code := runQueue([]string{"-players-per-day", "1", "-day", "1s", "-plot", filepath.Join(t.TempDir(), "none", "day.svg")}, io.Discard); code != 1 {
		t.Errorf("nothing to draw: exit code %d, want 1", code)
	}
}

package main

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

var update = flag.Bool("update", false, "rewrite golden files")

// fixed is a run of so many seconds, with all kinds of trouble.
func fixed(seconds int) *Progress {
	p := &Progress{
		Of: 2 * time.Minute, Clients: 1200, Joined: 1200, Matches: 88, Wanted: "arena-ffa=3,arena-duel=1", Updates: 1234567,
		Desyncs: 0, Failovers: 3, Walkouts: 12, Cuts: 52, Resumes: 49, Lost: 1, Errors: 7,
		Goodbyes:   map[string]int{"server restarting": 4, "too slow": 1},
		ErrorTexts: map[string]int{"queue: dial 10.0.0.1:8080: connect: connection refused": 4, "play: EOF": 2, "join: 503": 1},
		Slowest:    []Slow{{17, "arena-ffa", 412.5, 36}, {1003, "arena-duel", 88, 120}, {3, "a-mode-of-a-long-name", 71.2, 33}},
	}
	for i := range seconds {
		k := float64(i)
		p.Series = append(p.Series, Point{At: k + 1, Begun: int64(10 * i), Playing: int64(10 * i), Matches: i, Updates: 300 * k, Due: int64(300 * i), Bytes: 15000 * k,
			Gap: Percentiles{33.3, 35, 40 + float64(i*i%17), 60, 60 + float64(i*7%350)}, RTT: Percentiles{P50: 30 + float64(i%5), P99: 48}})
	}
	p.Series[seconds-1].Updates *= .8
	return p
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestPicture draws fixed runs on screens of some sizes.
func TestPicture(t *testing.T) {
	var all strings.Builder
	for _, c := range []struct {
		seconds, width, height int
		stopping               bool
	}{{75, 80, 24, false}, {1, 80, 24, true}, {30, 120, 20, false}, {30, 60, 12, false}} {
		text := colours.ReplaceAllString(newStyle().picture(fixed(c.seconds), c.width, c.height, c.stopping), "")
		rows := strings.Split(text, "\n")
		if len(rows) > c.height {
			t.Errorf("%d rows on a screen of %d", len(rows), c.height)
		}
		for _, row := range rows {
			if n := len([]rune(row)); n > c.width {
				t.Errorf("%d columns on a screen of %d: %q", n, c.width, row)
			}
		}
		for _, row := range rows {
			all.WriteString(strings.TrimRight(row, " ") + "\n")
		}
		all.WriteString(strings.Repeat("=", c.width) + "\n")
	}
	golden(t, "picture.txt", all.String())
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	file = "testdata/" + file
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not what is drawn now:\n%s", file, got)
	}
}

// TestThePictureOfNothing: before anybody plays, and on tiny screens.
func TestThePictureOfNothing(t *testing.T) {
	p := &Progress{Of: time.Minute, Clients: 1, Series: []Point{{At: 1}}}
	for _, size := range [][2]int{{80, 24}, {0, 0}, {1, 1}, {10, 5}, {300, 100}} {
		text := newStyle().picture(p, size[0], size[1], false)
		if rows := strings.Count(text, "\n") + 1; rows > max(1, size[1]) {
			t.Errorf("%v: %d rows", size, rows)
		}
	}
}

// TestTheTerminalIsGivenBack: the screen is another one while it draws, and the
// cursor is there again after.
func TestTheTerminalIsGivenBack(t *testing.T) {
	var out bytes.Buffer
	s := startScreen(&out, func() {})
	s.show(fixed(3))
	s.close()
	text := out.String()
	enter, leave := strings.Index(text, "\x1b[?1049h"), strings.LastIndex(text, "\x1b[?1049l")
	hide, show := strings.Index(text, "\x1b[?25l"), strings.LastIndex(text, "\x1b[?25h")
	if enter < 0 || leave < enter || hide >= 0 && show < hide {
		t.Errorf("screen %d to %d, cursor %d to %d: %q", enter, leave, hide, show, text)
	}
}

// TestKeysEndTheRun: once in good order, twice at once.
func TestKeysEndTheRun(t *testing.T) {
	stopped := 0
	var m tea.Model = model{style: newStyle(), width: 80, height: 24, stop: func() { stopped++ }}
	press := func(key tea.Key) tea.Cmd {
		next, cmd := m.Update(tea.KeyPressMsg(key))
		m = next
		return cmd
	}
	m, _ = m.Update(fixed(3))
	m, _ = m.Update(tea.WindowSizeMsg{Width: 100, Height: 30})
	if cmd := press(tea.Key{Code: 'x', Text: "x"}); cmd != nil || stopped != 0 {
		t.Error("any key ends the run")
	}
	if cmd := press(tea.Key{Code: 'c', Mod: tea.ModCtrl}); cmd != nil || stopped != 1 {
		t.Errorf("Ctrl-C: stopped %d times, %v", stopped, cmd)
	}
	if !strings.Contains(m.View().Content, "The run ends") {
		t.Error("nothing says that it ends")
	}
	if cmd := press(tea.Key{Code: 'q', Text: "q"}); cmd == nil || stopped != 1 {
		t.Errorf("again: stopped %d times, %v", stopped, cmd)
	}
}

package main

import (
	"slices"
	"testing"
	"time"
)

func TestAMixIsSharedByWeight(t *testing.T) {
	m, err := parseMix("arena-ffa=3, arena-duel,arena-teams=2")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range 12 {
		got = append(got, m.name(m.of(i)))
	}
	six := []string{"arena-ffa", "arena-ffa", "arena-ffa", "arena-duel", "arena-teams", "arena-teams"}
	if want := slices.Concat(six, six); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	for _, bad := range []string{"", "a=", "a=0", "=1", "a,,b", "a=-1", "a=1001", "a=b"} {
		if _, err := parseMix(bad); err == nil {
			t.Errorf("%q is taken for a mix", bad)
		}
	}
}

func TestRamps(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		text  string
		whole time.Duration
		start []time.Duration // of 6 players
	}{
		{"0s", 0, []time.Duration{0, 0, 0, 0, 0, 0}},
		{"12s", 12 * s, []time.Duration{0, 2 * s, 4 * s, 6 * s, 8 * s, 10 * s}},
		{"3x10s", 20 * s, []time.Duration{0, 0, 10 * s, 10 * s, 20 * s, 20 * s}},
		{"1x10s", 0, []time.Duration{0, 0, 0, 0, 0, 0}},
		{"4x1s", 3 * s, []time.Duration{0, 0, s, 2 * s, 2 * s, 3 * s}},
	} {
		r, err := parseRamp(c.text)
		if err != nil || r.whole() != c.whole {
			t.Errorf("%s: whole %v, %v", c.text, r.whole(), err)
		}
		for i, want := range c.start {
			if got := r.start(i, 6); got != want {
				t.Errorf("%s: player %d begins at %v, want %v", c.text, i, got, want)
			}
		}
	}
	for _, bad := range []string{"", "0x1s", "-1x1s", "x", "3x", "x3s", "-1s", "3x-1s"} {
		if _, err := parseRamp(bad); err == nil {
			t.Errorf("%q is taken for a ramp", bad)
		}
	}
}

func TestChurnIsRead(t *testing.T) {
	got, err := parseChurn("leave=1m, cut=30s,away=2s")
	if want := (Churn{Leave: time.Minute, Away: 2 * time.Second, Cut: 30 * time.Second, Back: time.Second}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, bad := range []string{"", "leave", "leave=often", "cut=-1s", "die=1s"} {
		if _, err := parseChurn(bad); err == nil {
			t.Errorf("%q is taken for churn", bad)
		}
	}
}

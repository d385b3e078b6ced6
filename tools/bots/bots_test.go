package main

import (
	"testing"
	"time"
)

func TestGoals(t *testing.T) {
	r := &Report{Joined: 100, Updates: 99, UpdatesExpected: 100, Gap: Fine{Percentiles: Percentiles{P99: 44.5}}, Place: Percentiles{P99: 5200}}
	for text, want := range map[string]bool{
		"gap_p99<45ms":     true,
		"gap_p99<44.5":     false,
		"gap_p99<=44.5":    true,
		"place_p99<6s":     true,
		"desyncs=0":        true,
		"joined=99":        false,
		"updates_pct>=98":  true,
		"updates_pct>99.5": false,
	} {
		goals, err := parseGoals(text)
		if err != nil || len(goals) != 1 {
			t.Fatalf("%s: %v", text, err)
		}
		if got := goals[0].met(goals[0].metric(r)); got != want {
			t.Errorf("%s: met %v, want %v", text, got, want)
		}
	}
	if goals, err := parseGoals("gap_p99<45ms, desyncs=0 ,errors=0"); err != nil || len(goals) != 3 {
		t.Errorf("three goals: %v, %v", goals, err)
	}
	for _, bad := range []string{"gap", "gap_p99<", "nothing=0", "gap_p99<fast"} {
		if _, err := parseGoals(bad); err == nil {
			t.Errorf("%q was taken for a goal", bad)
		}
	}
}

func TestPercentilesAreExact(t *testing.T) {
	var s samples
	for i := 1000; i > 0; i-- {
		s.add(time.Duration(i) * time.Millisecond)
	}
	p := s.percentiles(.5, .99, .999)
	if p[0] != 501 || p[1] != 991 || p[2] != 1000 {
		t.Errorf("got %v", p)
	}
	if p := new(samples).percentiles(.5); p[0] != 0 {
		t.Errorf("of nothing: %v", p)
	}
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{{"-n", "0"}, {"-for", "0s"}, {"-server", "nowhere"}, {"-slo", "x"}, {"-seats", "10", "-mode", "arena-ffa"}, {"extra"}} {
		if code := run(args); code != 2 {
			t.Errorf("%v: exit code %d, want 2", args, code)
		}
	}
}

func TestALoadThatNeverWasIsNoSuccess(t *testing.T) {
	if code := run([]string{"-server", "http://127.0.0.1:1", "-n", "1", "-for", "100ms"}); code != 1 {
		t.Errorf("without a server: exit code %d, want 1", code)
	}
}

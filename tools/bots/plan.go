package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A mix says which modes are played, and by how many of all players.
type mix []share

type share struct {
	mode   string
	weight int
}

// parseMix reads modes with their weights, such as arena-ffa=3,arena-duel=1.
// One without a weight has 1.
func parseMix(s string) (m mix, err error) {
	for part := range strings.SplitSeq(s, ",") {
		name, text, weighted := strings.Cut(strings.TrimSpace(part), "=")
		weight := 1
		if weighted {
			weight, err = strconv.Atoi(text)
		}
		if err != nil || name == "" || weight < 1 || weight > 1000 {
			return nil, fmt.Errorf("-mode %q: want modes such as arena-ffa=3,arena-duel=1", s)
		}
		m = append(m, share{name, weight})
	}
	return m, nil
}

func (m mix) name(i int) string { return m[i].mode }

// of is which mode a player plays: they take turns by weight, so that any
// number of them is mixed well.
func (m mix) of(player int) int {
	all := 0
	for _, s := range m {
		all += s.weight
	}
	turn := player % all
	for i, s := range m {
		if turn -= s.weight; turn < 0 {
			return i
		}
	}
	panic("unreachable: the turn is below the sum of weights")
}

// A Ramp is how logins are spread: evenly over a time, or in steps of equal
// size. Zero is all at once.
type Ramp struct {
	Steps int           // 0: evenly
	Time  time.Duration // of all, or from one step to the next
}

// parseRamp reads a time, such as 30s, or steps and the time between two, such
// as 5x20s.
func parseRamp(s string) (r Ramp, err error) {
	text := s
	if steps, rest, stepped := strings.Cut(s, "x"); stepped {
		text = rest
		if r.Steps, err = strconv.Atoi(steps); err == nil && r.Steps < 1 {
			err = fmt.Errorf("%d steps", r.Steps)
		}
	}
	if err == nil {
		r.Time, err = time.ParseDuration(text)
	}
	if err != nil || r.Time < 0 {
		return Ramp{}, fmt.Errorf("%q: want a time such as 30s, or steps such as 5x20s", s)
	}
	return r, nil
}

// start is when a player of so many begins.
func (r Ramp) start(player, of int) time.Duration {
	if r.Steps > 0 {
		return r.Time * time.Duration(player*r.Steps/of)
	}
	return r.Time * time.Duration(player) / time.Duration(of)
}

// whole is when all have begun, or would have.
func (r Ramp) whole() time.Duration {
	if r.Steps > 0 {
		return r.Time * time.Duration(r.Steps-1)
	}
	return r.Time
}

// Churn is how players come and go: mean times of exponential chance. Zero
// turns off.
type Churn struct {
	Leave time.Duration // of play, until a player leaves its match in good order
	Away  time.Duration // until one who has left queues again; default 5 s
	Cut   time.Duration // until a connection breaks
	Back  time.Duration // until one who was cut off takes its seat up again; default 1 s
}

// parseChurn reads churn such as leave=1m,away=5s,cut=30s,back=1s.
func parseChurn(s string) (c Churn, err error) {
	c.Away, c.Back = 5*time.Second, time.Second
	fields := map[string]*time.Duration{"leave": &c.Leave, "away": &c.Away, "cut": &c.Cut, "back": &c.Back}
	for part := range strings.SplitSeq(s, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		d, err := time.ParseDuration(value)
		if fields[name] == nil || err != nil || d < 0 {
			return Churn{}, fmt.Errorf("%q: want churn such as leave=1m,away=5s,cut=30s,back=1s", part)
		}
		*fields[name] = d
	}
	return c, nil
}

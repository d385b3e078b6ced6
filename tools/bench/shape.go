//go:build linux

package main

import "fmt"

// A shape is how many players there are, and how they are parted.
type shape struct{ rooms, seats, hz int }

// shapes are what is measured if nobody chooses.
var shapes = []shape{{10, 10, 30}, {50, 10, 30}, {100, 10, 30}, {1, 100, 30}}

func (s shape) String() string { return fmt.Sprintf("%dx%d@%d", s.rooms, s.seats, s.hz) }

func (s shape) players() int { return s.rooms * s.seats }

// mode is the server's hidden mode of that many seats.
func (s shape) mode() string { return fmt.Sprintf("bench-%d", s.seats) }

func parseShape(text string) (s shape, err error) {
	s.hz = 30
	if n, _ := fmt.Sscanf(text, "%dx%d@%d", &s.rooms, &s.seats, &s.hz); n < 2 {
		return s, fmt.Errorf("-only %q: want rooms x seats, such as 50x10", text)
	}
	if s.rooms < 1 || s.seats != 10 && s.seats != 100 || s.hz != 30 {
		return s, fmt.Errorf("-only %q: the server has hidden modes of 10 and 100 seats, at 30 Hz", text)
	}
	return s, nil
}

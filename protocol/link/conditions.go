package link

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Conditions say how a network treats what passes. The zero value is a network
// that does nothing. Each holds in both directions alike.
type Conditions struct {
	RTT    time.Duration // there and back, half of it each way
	Jitter time.Duration // on top, each way: evenly from nothing to this
	Loss   float64       // share of segments lost, 0 to below 1
	Burst  int           // how many are lost at a time, on average; 0 is 1
	Rate   int           // bytes a second; 0 is no limit
}

// Parse reads conditions as people write them: "rtt=100ms,jitter=30ms,
// loss=1%,burst=3,rate=64KB". What is left out does nothing; empty is a good
// network.
func Parse(s string) (c Conditions, err error) {
	for field := range strings.SplitSeq(s, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "":
		case "rtt":
			c.RTT, err = time.ParseDuration(value)
		case "jitter":
			c.Jitter, err = time.ParseDuration(value)
		case "loss":
			c.Loss, err = parseShare(value)
		case "burst":
			c.Burst, err = strconv.Atoi(value)
		case "rate":
			c.Rate, err = parseBytes(value)
		default:
			return c, fmt.Errorf("network %q: no %q; there are rtt, jitter, loss, burst and rate", s, name)
		}
		if err != nil {
			return c, fmt.Errorf("network %q: %s: %w", s, name, err)
		}
	}
	return c, c.validate()
}

func (c Conditions) validate() error {
	if c.RTT < 0 || c.Jitter < 0 || c.Burst < 0 || c.Rate < 0 {
		return fmt.Errorf("network %v: nothing of it can be less than nothing", c)
	}
	if !(c.Loss >= 0 && c.Loss <= 0.9) {
		return fmt.Errorf("network %v: loss is from 0 to 90%%", c)
	}
	return nil
}

// String is what Parse reads.
func (c Conditions) String() string {
	var fields []string
	add := func(is bool, format string, v any) {
		if is {
			fields = append(fields, fmt.Sprintf(format, v))
		}
	}
	add(c.RTT != 0, "rtt=%v", c.RTT)
	add(c.Jitter != 0, "jitter=%v", c.Jitter)
	add(c.Loss != 0, "loss=%v%%", c.Loss*100)
	add(c.Burst != 0, "burst=%d", c.Burst)
	add(c.Rate != 0, "rate=%dB", c.Rate)
	return strings.Join(fields, ",")
}

// parseShare reads 1% or 0.01.
func parseShare(s string) (float64, error) {
	number, percent := strings.CutSuffix(s, "%")
	share, err := strconv.ParseFloat(number, 64)
	if percent {
		share /= 100
	}
	return share, err
}

// parseBytes reads 2000, 2000B, 64KB or 1MB, with or without a second's "/s".
func parseBytes(s string) (int, error) {
	s = strings.TrimSuffix(strings.TrimSuffix(s, "/s"), "B")
	unit := 1
	if number, kilo := strings.CutSuffix(s, "K"); kilo {
		s, unit = number, 1000
	} else if number, mega := strings.CutSuffix(s, "M"); mega {
		s, unit = number, 1000*1000
	}
	n, err := strconv.Atoi(s)
	return n * unit, err
}

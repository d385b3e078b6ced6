package protocol

import "github.com/musterhq/muster/game"

// AppendEvents appends one tick's event segment, [tick&127, kind, args…, kind,
// args…, …], with what view is told. Each kind has as many values as the
// schema says. It appends nothing where view is told nothing.
func AppendEvents(dst []byte, tick game.Tick, events []game.Event, schema *game.Schema, view game.View) []byte {
	n := 0
	for i := range events {
		if told(&events[i], view) {
			n += 1 + len(schema.Events[events[i].Kind].Args)
		}
	}
	if n == 0 {
		return dst
	}
	dst = append(appendArray(dst, 1+n), byte(tick&127))
	for i := range events {
		if e := &events[i]; told(e, view) {
			dst = append(dst, e.Kind)
			for a := range schema.Events[e.Kind].Args {
				dst = appendInt(dst, int64(e.Args[a]))
			}
		}
	}
	return dst
}

func told(e *game.Event, view game.View) bool {
	return e.Team == 0 || e.Team == game.TeamID(view) || view == game.Whole
}

// A TickEvent is an event as a client is told of it.
type TickEvent struct {
	Tick game.Tick
	game.Event
}

// ParseEvents reads all event segments in b, which a frame of tick now ends
// with, and appends their events to dst. Segments ascend by tick.
func ParseEvents(b []byte, now game.Tick, schema *game.Schema, dst []TickEvent) ([]TickEvent, error) {
	c := cursor{b: b}
	last := max(int64(now)-128, -1)
	for len(c.b) > 0 && c.err == nil {
		n := c.array()
		tick := int64(now) - (int64(now)-c.int(0, 127))&127
		if n--; tick <= last {
			c.fail(errOrder)
		}
		last = tick
		for n > 0 && c.err == nil {
			kind := int(c.int(0, int64(len(schema.Events)-1)))
			if c.err != nil {
				break
			}
			e := TickEvent{Tick: game.Tick(tick), Event: game.Event{Kind: uint8(kind)}}
			for a := range schema.Events[kind].Args {
				e.Args[a] = int32(c.int(-1<<31, 1<<31-1))
			}
			if n -= 1 + len(schema.Events[kind].Args); n >= 0 && c.err == nil {
				dst = append(dst, e)
			}
		}
		if n != 0 {
			c.fail(errCount)
		}
	}
	return dst, c.err
}

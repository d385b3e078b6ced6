package cmd

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// TestHostile does to a server what no decent client does, each time beside a
// match of healthy players, which must not notice. All of it over sockets read
// on the beat; what lies above the socket just there, the rest over every way.
func TestHostile(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	for _, beat := range []bool{true, false} {
		for _, issuer := range []*authority{nil, ca} {
			t.Run(fmt.Sprintf("beat=%v,tls=%v", beat, issuer != nil), func(t *testing.T) {
				t.Parallel()
				cfg := Config{Beat: beat}
				if issuer != nil {
					cfg.TLSCert, cfg.TLSKey = issuer.issue(t, t.TempDir(), 1)
				}
				sc := mustScene(t, cfg, issuer)
				sc.run(t, "frames in the hall", inTheHall)
				sc.run(t, "frames in the match", inTheMatch)
				sc.run(t, "killer frames", killers)
				if beat && issuer == nil {
					sc.run(t, "requests", badRequests)
					sc.run(t, "tokens", badTokens)
					sc.run(t, "handshakes", badHandshakes)
					sc.run(t, "origins", badOrigins)
					sc.run(t, "passes", badPasses)
					sc.run(t, "a pass used at once", passAtOnce)
					sc.run(t, "another's seat", anothersSeat)
				}
			})
		}
	}
}

func (sc *scene) run(t *testing.T, name string, attack func(*testing.T, *scene)) {
	t.Run(name, func(t *testing.T) {
		attack(t, sc)
		sc.check(t)
	})
}

// An attack is what a socket is sent, and the goodbye it must get for it.
type attack struct {
	name string
	b    []byte
	want protocol.Reason
}

// badFrames break RFC 6455, or what we accept of it.
func badFrames() []attack {
	return []attack{
		{"text", frame(0x81, "hello"), protocol.TextFrame},
		{"empty text", frame(0x81, ""), protocol.TextFrame},
		{"a byte too many", frame(0x82, strings.Repeat("x", 4097)), protocol.TooBig},
		{"a gigabyte, announced", []byte{0x82, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0}, protocol.TooBig},
		{"too many in two fragments", append(frame(0x02, strings.Repeat("x", 2100)), frame(0x80, strings.Repeat("x", 2100))...), protocol.TooBig},
		{"the 14 bytes that end gws", killer, protocol.BadFrame},
		{"unmasked", []byte{0x82, 0x01, 0x90}, protocol.BadFrame},
		{"a reserved bit", frame(0xc2, "x"), protocol.BadFrame},
		{"a reserved opcode", frame(0x83, "x"), protocol.BadFrame},
		{"a reserved control opcode", frame(0x8b, "x"), protocol.BadFrame},
		{"a continuation of nothing", frame(0x80, "x"), protocol.BadFrame},
		{"a message inside another", append(frame(0x02, "x"), frame(0x82, "x")...), protocol.BadFrame},
		{"a fat ping", frame(0x89, strings.Repeat("x", 126)), protocol.BadFrame},
		{"half a ping", frame(0x09, "x"), protocol.BadFrame},
	}
}

// killer is the frame that ends a process which runs gws bare.
var killer = []byte{0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0, 0, 0, 0}

// badMessages are no messages of ours, neither control nor input.
func badMessages() (all []attack) {
	for name, b := range map[string]string{
		"nothing":                     "",
		"garbage":                     "\xc1",
		"more garbage":                strings.Repeat("\xff", 64),
		"nil":                         "\xc0",
		"a map":                       "\x81\x00\x00",
		"a huge map":                  "\xdf\xff\xff\xff\xff",
		"a huge array":                "\xdd\xff\xff\xff\xff",
		"a huge array of zeros":       "\xdd\xff\xff\xff\xff" + strings.Repeat("\x00", 4000),
		"a huge control message":      "\xdd\xff\xff\xff\xff\xff",
		"a huge text":                 "\xdb\xff\xff\xff\xff",
		"a huge match":                "\x95\xff\xdb\xff\xff\xff\xff",
		"a huge pass":                 "\x95\xff\xa1m\xc6\xff\xff\xff\xff",
		"a huge extension":            "\xc9\xff\xff\xff\xff\x01",
		"thousands of arrays":         strings.Repeat("\x91", 4090),
		"arrays in a Join":            "\x9f\xff\xa1m\xa1p\x00\x00" + strings.Repeat("\x91", 4000),
		"a type that is no number":    "\x91\xca\xbf\x80\x00\x00",
		"a type there is not":         "\x91\xd0\x9c",
		"the least type":              "\x91\xd3\x80\x00\x00\x00\x00\x00\x00\x00",
		"a Join cut short":            "\x95\xff\xa1m",
		"a Join with too little":      "\x92\xff\xa1m",
		"a Join with a long match":    "\x95\xff\xd9\x41" + strings.Repeat("m", 65) + "\xa0\x00\x00",
		"a Join with a long pass":     "\x95\xff\xa1m\xda\x02\x01" + strings.Repeat("p", 513) + "\x00\x00",
		"a Join of numbers":           "\x95\xff\x01\x02\x00\x00",
		"a Join from before time":     "\x95\xff\xa1m\xa0\x00\xff",
		"a Leave and something":       "\x91\xfe\x00",
		"a Ping without a stamp":      "\x91\xfc",
		"an Ack of tick 128":          "\x93\xfd\xcc\x80\x00",
		"what only servers say":       string(protocol.Append(nil, protocol.Over{Match: "m", Why: "finished"})),
		"an Assignment":               string(protocol.Append(nil, protocol.Assignment{Match: "m", Pass: "p"})),
		"an input with too little":    "\x93\x00\x00\x00",
		"an input number 128":         "\x97\xcc\x80\x00\x00\x00\x00\x00\x00",
		"an input with 1e308 in it":   "\x97\x00\x00\x00\xcb\x7f\xe1\xcc\xf3\x85\xeb\xc8\xa0\x00\x00\x00",
		"an input, and another":       "\x97\x01\x00\x00\x00\x00\x00\x00\x97\x02\x00\x00\x00\x00\x00\x00",
		"an input with a huge number": "\x97\xcf\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00",
	} {
		all = append(all, attack{name, frame(0x82, b), protocol.BadMessage})
	}
	return all
}

// badInputs are malformed as the schema of the arena has it, or have no place
// in a match.
func badInputs() []attack {
	input := func(values ...int32) []byte {
		fields := make([]game.Field, len(values))
		in := protocol.Input{Seq: 1}
		copy(in.Values[:], values)
		return message(protocol.AppendInput(nil, &in, fields))
	}
	return []attack{
		{"move 17", input(17, 0, 0), protocol.BadMessage},
		{"move -1", input(-1, 0, 0), protocol.BadMessage},
		{"aim 256", input(0, 256, 0), protocol.BadMessage},
		{"a button there is not", input(0, 0, 8), protocol.BadMessage},
		{"the greatest move", input(math.MaxInt32, 0, 0), protocol.BadMessage},
		{"no buttons", input(0, 0), protocol.BadMessage},
		{"a float", frame(0x82, "\x97\x01\x00\x00\x00\xca\x3f\x80\x00\x00\x00\x00"), protocol.BadMessage},
		{"nil", frame(0x82, "\x97\x01\x00\x00\x00\xc0\x00\x00"), protocol.BadMessage},
		{"a Join in a match", message(protocol.Append(nil, protocol.Join{Match: "other", Pass: "p"})), protocol.BadSequence},
		{"a resume in a match", message(protocol.Append(nil, protocol.Join{Match: "other", Epoch: 1})), protocol.BadSequence},
	}
}

// floods are sent until the connection ends.
func floods() (all []attack) {
	for name, b := range map[string][]byte{
		"pings":           frame(0x89, ""),
		"fat pings":       frame(0x89, strings.Repeat("x", 125)),
		"pongs":           frame(0x8a, ""),
		"empty fragments": frame(0x00, ""),
		"our own Pings":   message(protocol.Append(nil, protocol.Ping{})),
		"acks":            message(protocol.Append(nil, protocol.Ack{})),
		"inputs":          message(protocol.AppendInput(nil, &protocol.Input{}, make([]game.Field, 3))),
	} {
		all = append(all, attack{name, b, protocol.Flood})
	}
	return all
}

// strike does one attack and wants its goodbye.
func (p *peer) strike(a attack) error {
	if a.want == protocol.Flood {
		_, _ = p.Write(frame(0x02, "")) // which the fragments go on with; for the others it ends as an input
		if a.b[0] != 0x00 {
			_, _ = p.Write(frame(0x80, "\x97\x00\x00\x00\x00\x00\x00\x00"))
		}
		defer p.flood(a.b)()
	} else if _, err := p.Write(a.b); err != nil {
		return err
	}
	defer p.Close()
	if got := p.goodbye(); got != error(a.want) {
		return fmt.Errorf("%s: %v, want %v", a.name, got, a.want)
	}
	return nil
}

// inTheHall strikes everything at once, each from a connection of its own that
// stands in the hall.
func inTheHall(t *testing.T, sc *scene) {
	var striking sync.WaitGroup
	for _, a := range slices.Concat(badFrames(), badMessages(), floods()) {
		striking.Go(func() {
			s, err := sc.api.LoginGuest(sc.ctx, "Mallory")
			if err != nil {
				t.Error(err)
				return
			}
			if err := sc.enter(t, s).strike(a); err != nil {
				t.Error(err)
			}
		})
	}
	striking.Wait()
}

// inTheMatch strikes from seats in the very match of the healthy. Each time
// the goodbye costs the villain its connection, not its seat.
func inTheMatch(t *testing.T, sc *scene) {
	todo := make(chan attack, 100)
	for _, a := range slices.Concat(badFrames(), badMessages(), badInputs(), floods()) {
		todo <- a
	}
	close(todo)
	var striking sync.WaitGroup
	for _, v := range sc.villains {
		striking.Go(func() {
			for a := range todo {
				p := sc.resume(t, v)
				if err := p.strike(a); err != nil {
					t.Error(err)
				}
			}
		})
	}
	striking.Wait()
}

// resume takes up a villain's seat again.
func (sc *scene) resume(t *testing.T, v *client.Session) *peer {
	p := sc.enter(t, v)
	p.send(protocol.Join{Match: sc.match, Epoch: 1})
	p.awaitFrame(t)
	return p
}

// killers sends the frame that ends gws from a hundred connections at once.
func killers(t *testing.T, sc *scene) {
	var striking sync.WaitGroup
	for range 100 {
		striking.Go(func() {
			s, err := sc.api.LoginGuest(sc.ctx, "Mallory")
			if err != nil {
				t.Error(err)
				return
			}
			if err := sc.enter(t, s).strike(attack{"killer", killer, protocol.BadFrame}); err != nil {
				t.Error(err)
			}
		})
	}
	striking.Wait()
}

// TestHalfRequests opens connections on which a request begins and never goes
// on; under TLS some do not even finish that handshake. All are closed.
func TestHalfRequests(t *testing.T) {
	ca := newAuthority(t)
	certFile, keyFile := ca.issue(t, t.TempDir(), 1)
	var both sync.WaitGroup
	for _, sc := range []*scene{
		mustScene(t, Config{Beat: true, headWait: 2 * time.Second}, nil),
		mustScene(t, Config{Beat: true, headWait: 2 * time.Second, TLSCert: certFile, TLSKey: keyFile}, ca),
	} {
		both.Go(func() { sc.halfRequests(t) })
		defer sc.check(t)
	}
	both.Wait()
}

func (sc *scene) halfRequests(t *testing.T) {
	whole := handshake(bearer(sc.villains[0].Access))
	var waiting sync.WaitGroup
	for i := range 200 {
		half := []string{
			"", // nothing at all
			whole[:1+i%40],
			whole[:len(whole)-2], // a handshake without its last line
			"POST /v1/login/guest HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Slow: 1\r\n", i),
		}[i%4]
		p, err := dial(sc.Server.players.Addr().String(), sc.trustEvery(i))
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		if err != nil {
			continue // its own handshake was half a request for too long
		}
		waiting.Go(func() {
			defer p.Close()
			_, _ = io.WriteString(p, half)
			if _, err := io.Copy(io.Discard, p); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%.20q is waited for without end", half)
			}
		})
	}
	waiting.Wait()
}

// trustEvery is nil, for a plain connection on which TLS never begins, every
// eighth time.
func (sc *scene) trustEvery(i int) *tls.Config {
	if i%8 == 0 {
		return nil
	}
	return sc.trust
}

package hooks

import (
	"crypto/rand"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Errors of endpoints.
var (
	ErrNotFound = errors.New("there is no such endpoint")
	ErrURL      = errors.New("the address is not an https URL of at most 512 bytes, without user and fragment")
	ErrTarget   = errors.New("the address leads into a network that webhooks are not sent to")
	ErrTypes    = errors.New("an endpoint takes types of events, each once, or * alone for all")
	ErrType     = errors.New("there is no such type of events: they are " + strings.Join(allTypes, ", ") + ", or * for all")
	ErrTooMany  = errors.New("there are as many endpoints as there may be")
)

// An Endpoint is where a game's events are sent, as it may be shown.
type Endpoint struct {
	ID    string
	Game  string
	URL   string
	Types []string // of events, or * alone
	Made  time.Time

	Disabled string    // why nothing is sent any more: empty, failing or by_hand
	Failing  time.Time // since when nothing was taken, zero while all is well
	Error    string    // of the last attempt, for people; empty where it was taken
	Next     time.Time // when it is tried again, zero while all is well
	Position uint64    // in the game's stream: events up to here are delivered
}

// Why an endpoint is disabled.
const (
	DisabledFailing = "failing"
	DisabledByHand  = "by_hand"
)

// A kept endpoint, under its game and id. Only verbs write it, and a courier
// that gives up.
type kept struct {
	URL      string
	Types    []string
	Made     int64    // Unix seconds
	Secrets  []secret // newest first
	From     uint64   // its place in the stream when it was made
	Since    int64    // Unix milliseconds of when it was last set, and its failures were forgiven
	Disabled string
	Told     bool // Config.Disabled has heard that it was given up
}

// A secret signs until a time, in Unix seconds; 0: for as long as it is the newest.
type secret struct {
	Text  string
	Until int64
}

// A progress is how far an endpoint is, under the same key. Its courier alone
// writes it.
type progress struct {
	Position uint64
	Failing  int64 // Unix milliseconds, like Next
	Tries    int   // of the event after Position
	Next     int64
	Error    string
}

func (k *kept) takes(kind string) bool {
	return k.Types[0] == "*" || slices.Contains(k.Types, kind)
}

// signing returns the secrets that hold now.
func (k *kept) signing(now time.Time) (all []string) {
	for _, s := range k.Secrets {
		if s.Until == 0 || now.Unix() < s.Until {
			all = append(all, s.Text)
		}
	}
	return all
}

// rotate adds a secret; the newest before it holds for a while.
func (k *kept) rotate(text string, now time.Time, grace time.Duration) {
	k.Secrets = k.Secrets[:min(1, len(k.Secrets))]
	if len(k.Secrets) == 1 {
		k.Secrets[0].Until = now.Add(grace).Unix()
	}
	k.Secrets = append([]secret{{Text: text}}, k.Secrets...)
}

func (k *kept) show(game, id string, p progress) Endpoint {
	e := Endpoint{ID: id, Game: game, URL: k.URL, Types: k.Types, Made: time.Unix(k.Made, 0).UTC(), Disabled: k.Disabled,
		Error: p.Error, Position: max(p.Position, k.From)}
	if p.Failing != 0 {
		e.Failing, e.Next = time.UnixMilli(p.Failing).UTC(), time.UnixMilli(p.Next).UTC()
	}
	return e
}

const maxURL = 512 // bytes

// checkURL refuses what can be seen to lead nowhere. Where a name leads is
// seen when it is dialled.
func checkURL(s string, cfg *Config) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || len(s) > maxURL || u.Host == "" || u.Hostname() == "" || u.User != nil || u.Fragment != "":
		return ErrURL
	case u.Scheme != "https" && (u.Scheme != "http" || !cfg.PlainHTTP):
		return ErrURL
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !cfg.allowed(a) {
		return ErrTarget
	}
	return nil
}

func checkTypes(types []string) error {
	if len(types) == 0 || len(types) > 1 && slices.Contains(types, "*") {
		return ErrTypes
	}
	for i, s := range types {
		switch {
		case s != "*" && !slices.Contains(allTypes, s):
			return ErrType
		case slices.Contains(types[:i], s):
			return ErrTypes
		}
	}
	return nil
}

func newID() string { return "we_" + strings.ToLower(rand.Text()) }

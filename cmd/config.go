package cmd

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
)

// Config says how a server runs. The zero value of a field means what its
// flag says by default.
type Config struct {
	Addr    string // of REST, socket and page; port 0 takes any
	Admin   string // of metrics and profiles; empty: not served
	Bots    bool   // fill matches with bots
	Hidden  bool   // offer the modes for benchmarks and tests, too
	Log     string // debug, info, warn, error
	TLSCert string // PEM files; both or none
	TLSKey  string
	// TrustedProxies may say in X-Forwarded-For where a request comes from.
	TrustedProxies []string      // addresses or prefixes
	Origins        []string      // of pages on other hosts that may open sockets
	Beat           bool          // read sockets as raw descriptors on their owner's beat
	Countdown      time.Duration // in the lobby room, before a match
	DrainWait      time.Duration // for matches to finish, on SIGTERM
	Secret         string        // seals keys and signs passes; empty: one that is made once and kept in Data
	Data           string        // folder of what is kept, or bus.Memory; one process at a time
	OIDC           string        // JSON file of the identity providers that players may come from; empty: none
	Sync           bool          // what is acknowledged is on the disk
	Season         string        // how long one lasts, see parseSeasons; empty: for ever
	Upgrades       int           // sockets opened at a time; 0: the API's default
	UpgradeLine    int           // that wait for it; 0: the API's default

	// WebhookNetworks are those that webhooks may go to although they are not public.
	WebhookNetworks []string // prefixes
	// MinClient are the least versions of clients, as 1.4.2 or main=1.4.2.
	MinClient []string

	// Of tests: who looks into the log, and how long slow clients are waited for.
	logTo    io.Writer     // nil is stderr
	headWait time.Duration // for a request's head, handshake included; 0 is 2 s
	pongWait time.Duration // 0 is the socket's own
}

const defaultData = "muster-data"

// flags declares the flags of c. Each has an environment variable too: -log
// is MUSTER_LOG, -trusted-proxies is MUSTER_TRUSTED_PROXIES.
func (c *Config) flags(out io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("muster", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&c.Addr, "addr", ":8080", "`address` to serve players on: REST, socket and page")
	f.StringVar(&c.Admin, "admin", "", "`address` to serve /metrics and /debug/pprof on, such as 127.0.0.1:9090; keep it private")
	c.Bots, c.Beat = true, true
	f.Var((*onOff)(&c.Bots), "bots", "`on or off`: fill empty seats with bots, after a wait set by each mode; off: a match needs two players, where its mode says nothing else")
	f.Var((*onOff)(&c.Hidden), "hidden", "`on or off`: let players book hidden modes, too, such as bench-10: for load tests")
	f.StringVar(&c.Log, "log", "info", "least `level` to log: debug, info, warn or error")
	f.StringVar(&c.TLSCert, "tls-cert", "", "PEM `file` of the certificate; reloaded when it changes")
	f.StringVar(&c.TLSKey, "tls-key", "", "PEM `file` of its key")
	f.Var((*list)(&c.TrustedProxies), "trusted-proxies", "comma-separated `addresses` of proxies whose X-Forwarded-For is believed")
	f.Var((*list)(&c.Origins), "origins", "comma-separated `origins`, such as https://play.example.com, whose pages may connect; this host's own always may")
	f.Var((*list)(&c.MinClient), "min-client", "least `version` of the clients of all games, such as 1.4.2, or of some, as main=1.4.2,chess=2.0; older ones are told to update")
	f.Var((*list)(&c.WebhookNetworks), "webhook-networks", "comma-separated `prefixes`, such as 10.0.0.0/8, that webhooks may go to although they are not public; with any, http: will do, too")
	f.Var((*onOff)(&c.Beat), "beat", "`on or off`: read sockets on their owner's beat (Linux); off: one goroutine per socket")
	f.DurationVar(&c.Countdown, "countdown", 3*time.Second, "`time` in the lobby room before a match")
	f.DurationVar(&c.DrainWait, "drain", 20*time.Second, "`time` that matches get to finish on SIGTERM")
	f.StringVar(&c.Secret, "secret", "", "random `text` of 32 or more characters that seals keys and signs passes; better given as MUSTER_SECRET. Empty: one is made and kept in the data folder")
	f.StringVar(&c.Data, "data", defaultData, "`folder` of accounts, ratings and results, made where it is missing; :memory: keeps nothing")
	f.StringVar(&c.OIDC, "oidc", "", "JSON `file` of providers of OpenID Connect that players may log in at; see README")
	c.Sync = true
	f.Var((*onOff)(&c.Sync), "sync", "`on or off`: answer only when what was written is on the disk; off: a power cut may lose two minutes, a crash of the server nothing")
	f.StringVar(&c.Season, "season", "", "`length` of a season, such as 3mo or 1000h, and when the first began, as in 3mo@2026-01-01; empty: one that never ends")
	f.IntVar(&c.Upgrades, "upgrades", 0, "`number` of sockets that are opened at a time; 0: two for each core")
	f.IntVar(&c.UpgradeLine, "upgrade-line", 0, "`number` of those who may wait for that; 0: 2048. More are told to come back later")
	f.Usage = func() { usage(f) }
	return f
}

func usage(f *flag.FlagSet) {
	fmt.Fprint(f.Output(), `Muster is an authoritative game server. Without flags it serves on :8080;
open http://localhost:8080 to play.

  muster [flags]             serve
  muster backup DIR [flags]  write what is kept in -data to DIR, also while a server runs on it
  muster restore DIR [flags] make the folder -data of a backup in DIR
  muster role NAME ROLE [flags]
                             make the account of a username player, moderator or admin, and
                             one that there is not, also while a server runs on -data

Each flag can be given as an environment variable: -log as MUSTER_LOG,
-trusted-proxies as MUSTER_TRUSTED_PROXIES. A flag wins over its variable.
SIGTERM drains: no new matches, those that run may finish, then everyone is
told to come back and the exit code is 0. A second signal stops at once.

`)
	f.PrintDefaults()
}

// onOff is a flag that is given as on, off or any form of a boolean; alone it
// means on.
type onOff bool

func (o *onOff) String() string {
	if o != nil && *o {
		return "on"
	}
	return "off"
}

func (o *onOff) IsBoolFlag() bool { return true }

func (o *onOff) Set(s string) error {
	switch s {
	case "on":
		*o = true
	case "off":
		*o = false
	default:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return fmt.Errorf("%q is neither on nor off", s)
		}
		*o = onOff(b)
	}
	return nil
}

// list is a flag of comma-separated values.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(s string) error {
	*l = nil
	for v := range strings.SplitSeq(s, ",") {
		if v = strings.TrimSpace(v); v != "" {
			*l = append(*l, v)
		}
	}
	return nil
}

// parse reads the environment, then the flags, into c.
func (c *Config) parse(args []string, env func(string) (string, bool), out io.Writer) error {
	f := c.flags(out)
	var err error
	f.VisitAll(func(fl *flag.Flag) {
		name := "MUSTER_" + strings.ToUpper(strings.ReplaceAll(fl.Name, "-", "_"))
		if v, ok := env(name); ok {
			if e := f.Set(fl.Name, v); e != nil {
				err = errors.Join(err, fmt.Errorf("%s: %w", name, e))
			}
		}
	})
	if err != nil {
		return err
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("unknown argument %q; -h lists what there is", f.Arg(0))
	}
	return c.validate()
}

func (c *Config) validate() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("-tls-cert and -tls-key go together")
	}
	if c.Secret != "" && guessable(c.Secret) {
		return errors.New("-secret must be random text of 32 characters or more, such as `openssl rand -hex 32` prints")
	}
	if c.Data == "" {
		c.Data = defaultData
	}
	if c.Upgrades < 0 || c.UpgradeLine < 0 {
		return errors.New("-upgrades and -upgrade-line cannot be negative")
	}
	if c.Countdown < 0 || c.DrainWait < 0 {
		return errors.New("-countdown and -drain cannot be negative")
	}
	for _, p := range c.TrustedProxies {
		_, errA := netip.ParseAddr(p)
		_, errP := netip.ParsePrefix(p)
		if errA != nil && errP != nil {
			return fmt.Errorf("-trusted-proxies: %q is neither an address nor a prefix", p)
		}
	}
	if _, err := parseSeasons(c.Season); err != nil {
		return err
	}
	_, err := c.level()
	return err
}

// placeholders are what secrets begin as in examples, and are forgotten to be
// changed from.
var placeholders = strings.NewReplacer("default", "", "change", "", "example", "", "placeholder", "",
	"insert", "", "replace", "", "password", "", "secret", "", "muster", "", "your", "", "this", "", "here", "", "me", "",
	"-", "", "_", "", " ", "")

// guessable says whether somebody who wants to play as another could find a
// secret by trying: it is short, or one text again and again, or of few
// different characters, or little is left of it without placeholders.
func guessable(s string) bool {
	left := placeholders.Replace(strings.ToLower(s))
	different := map[rune]bool{}
	for _, r := range left {
		different[r] = true
	}
	return len(s) < 32 || len(left) < 20 || len(different) < 8 || repeats(s)
}

// repeats says whether s is a text of at most half its length, again and again.
func repeats(s string) bool {
	for n := 1; n <= len(s)/2; n++ {
		if s[n:] == s[:len(s)-n] {
			return true
		}
	}
	return false
}

func (c *Config) level() (l slog.Level, err error) {
	if err := l.UnmarshalText([]byte(c.Log)); err != nil {
		return l, fmt.Errorf("-log: %q is not one of debug, info, warn, error", c.Log)
	}
	return l, nil
}

func (c *Config) logger() *slog.Logger {
	level, _ := c.level() // validate has seen it
	to := c.logTo
	if to == nil {
		to = os.Stderr
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: level}))
}

package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/career"
	"github.com/musterhq/muster/lobby/hooks"
	"github.com/musterhq/muster/lobby/mail"
	"github.com/musterhq/muster/lobby/saves"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/lobby/version"
	"github.com/musterhq/muster/protocol"
)

// Config says what is served and to whom. A zero field means its default.
type Config struct {
	Lobby    *lobby.Lobby      // required
	Accounts *account.Registry // of the players of its modes' games; required
	Social   *social.Social    // what they are to each other; required
	Mail     *mail.Office      // required
	Saves    *saves.Vault      // required
	Hooks    *hooks.Hub        // required
	Versions *version.Gate     // required
	Career   *career.Career    // required
	Rooms    Rooms             // required

	// Tell says something to a player, wherever that one is connected; required.
	Tell func(to protocol.PlayerID, msg []byte) bool

	// Socket upgrades a request to who's connection, after everything about it
	// was checked, and returns as soon as that is done. Nil: 404.
	Socket func(w http.ResponseWriter, r *http.Request, who account.Caller)

	// Static serves GET and HEAD of every path that is not the API's. Nil: 404.
	Static http.Handler

	// TrustedProxies are addresses or prefixes whose X-Forwarded-For,
	// X-Forwarded-Proto and X-Request-Id are believed. Default none.
	TrustedProxies []string

	// Origins are those of pages on other hosts that may read answers and open
	// sockets, such as https://play.example.com, compared exactly. A page of this
	// host always may.
	Origins []string

	Limits   Limits
	Upgrades Upgrades
	Log      *slog.Logger // one line a request; nil is slog.Default
}

// Limits are what one address may ask for, and one account, wherever it asks
// from. An address of this machine gets LoopbackFactor times as much, for load
// tests and for proxies that are not trusted with more. A zero field means its
// default.
type Limits struct {
	Login  Rate // and refreshing, but for passwords: default 10 a second, 100 at once
	Ticket Rate // creating one: default 10 a second, 100 at once
	Read   Rate // asking for tickets and cancelling them: default 50 a second, 500 at once
	Socket Rate // default 20 a second, 100 at once
	Find   Rate // asking for players by name: default 5 a second, 50 at once

	Password Rate // whatever hashes one: default 1 a second, 20 at once
	Register Rate // which tells what usernames are taken: default 1 in 10 s, 20 at once

	Player     Rate // creating a ticket: default 1 a second, 5 at once
	PlayerRead Rate // asking for tickets and cancelling them: default 100 a second, 1,000 at once
	PlayerChat Rate // reporting: default 1 a second, 5 at once

	PlayerSocial Rate // doing something about friends, blocks and parties: default 2 a second, 20 at once
	PlayerFind   Rate // asking for players by name: default 1 in 2 seconds, 10 at once

	Service       Rate // what back ends ask for: default 200 a second, 2,000 at once
	PlayerSave    Rate // writing saves: default 2 a second, 20 at once
	PlayerAccount Rate // changing the account, or exporting it: default 1 in 5 s, 20 at once

	LoopbackFactor int // default 50
	Addresses      int // that are kept in mind, the latest, and accounts; default 10,000
}

// A Rate is a token bucket.
type Rate struct {
	PerSecond float64
	Burst     int
}

// validate fills in defaults and refuses what cannot work.
func (c *Config) validate() error {
	if c.Lobby == nil || c.Accounts == nil || c.Social == nil || c.Mail == nil || c.Saves == nil || c.Hooks == nil || c.Career == nil || c.Versions == nil || c.Rooms == nil || c.Tell == nil {
		return errors.New("api: Lobby, Accounts, Social, Mail, Saves, Hooks, Career, Versions, Rooms and Tell are required")
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if u := c.Upgrades; u.AtOnce < 0 || u.Line < 0 || u.Patience < 0 {
		return errors.New("api: Upgrades cannot be negative")
	}
	c.Limits.defaults()
	c.Upgrades.defaults()
	for _, o := range c.Origins {
		if u, err := url.Parse(o); err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != o {
			return fmt.Errorf("api: origin %q is not of the form https://host or https://host:port", o)
		}
		if !browserSpelling(o) {
			return fmt.Errorf("api: no browser spells an origin as %q: lower case, and no port that goes without saying", o)
		}
	}
	return nil
}

func (l *Limits) defaults() {
	orElse(&l.Login, Rate{10, 100})
	orElse(&l.Password, Rate{1, 20})
	orElse(&l.Register, Rate{0.1, 20})
	orElse(&l.Ticket, Rate{10, 100})
	orElse(&l.Player, Rate{1, 5})
	orElse(&l.PlayerRead, Rate{100, 1000})
	orElse(&l.PlayerChat, Rate{1, 5})
	orElse(&l.PlayerAccount, Rate{0.2, 20})
	orElse(&l.Read, Rate{50, 500})
	orElse(&l.Socket, Rate{20, 100})
	orElse(&l.Find, Rate{5, 50})
	orElse(&l.PlayerSocial, Rate{2, 20})
	orElse(&l.PlayerFind, Rate{0.5, 10})
	orElse(&l.Service, Rate{200, 2000})
	orElse(&l.PlayerSave, Rate{2, 20})
	orElse(&l.LoopbackFactor, 50)
	orElse(&l.Addresses, 10_000)
}

// orElse gives a field its default where it was left zero.
func orElse[T comparable](field *T, byDefault T) {
	var zero T
	if *field == zero {
		*field = byDefault
	}
}

// proxies are addresses whose word is taken.
type proxies []netip.Prefix

func parseProxies(list []string) (all proxies, err error) {
	for _, s := range list {
		if !strings.Contains(s, "/") {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return nil, fmt.Errorf("api: trusted proxy: %w", err)
			}
			all = append(all, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("api: trusted proxy: %w", err)
		}
		all = append(all, p)
	}
	return all, nil
}

// trust says whether a request comes straight from one of them.
func (p proxies) trust(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	for _, prefix := range p {
		if prefix.Contains(from.Addr().Unmap()) {
			return true
		}
	}
	return false
}

package hooks

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// inside are networks that are not the public internet, or hide an address of
// one: whoever names a webhook's target must not reach them through us.
var inside = mustPrefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
	"fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

func mustPrefixes(all ...string) (p []netip.Prefix) {
	for _, s := range all {
		p = append(p, netip.MustParsePrefix(s))
	}
	return p
}

// allowed says whether requests may go to an address.
func (c *Config) allowed(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, p := range c.Allow {
		if p.Contains(a) {
			return true
		}
	}
	for _, p := range inside {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsValid()
}

// control looks at the address that is about to be dialled, after names were
// resolved: so a name that leads elsewhere the second time gains nothing.
func (c *Config) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !c.allowed(at.Addr()) {
		return fmt.Errorf("%w: %s", ErrTarget, address)
	}
	return nil
}

// client makes the client of all couriers. It follows no redirect and asks no
// proxy: both would go past control.
func (c *Config) client() *http.Client {
	dial := c.dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: c.Timeout, Control: c.control}).DialContext
	}
	return &http.Client{
		Timeout:       c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dial, TLSClientConfig: c.TLS, TLSHandshakeTimeout: c.Timeout, MaxResponseHeaderBytes: 16 << 10,
			MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second, DisableCompression: true,
		},
	}
}

package hooks

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// vectors are in WEBHOOKS.md, too. They were made with OpenSSL:
//
//	printf '%s' 't.body' | openssl dgst -sha256 -hmac 'secret'
var vectors = []struct{ secret, body, header string }{
	{"whsec_test", `{"id":"1","type":"match.ended"}`, "t=1700000000,v1=c474fe4696190e4eafd7a891b524e8c61fda296e9e1099b1671459ff0652bbbf"},
	{"whsec_other", "", "t=1700000000,v1=78c9dc98dcb2f73b54d786e202860ef9bd8e483f096e479745b117468bf19252"},
}

func TestSignatureVectors(t *testing.T) {
	at := time.Unix(1700000000, 0)
	page, err := os.ReadFile("WEBHOOKS.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range vectors {
		if got := sign([]byte(v.body), at, v.secret); got != v.header {
			t.Errorf("got %s, want %s", got, v.header)
		}
		if err := Verify(v.header, []byte(v.body), at, 0, v.secret); err != nil {
			t.Error(err)
		}
		if i == 0 && (!strings.Contains(string(page), v.header) || !strings.Contains(string(page), v.body)) {
			t.Errorf("the page lacks %s", v.header)
		}
	}
}

func TestVerify(t *testing.T) {
	now := time.Unix(1700000000, 0)
	body := []byte("{}")
	one, two := sign(body, now, "one"), sign(body, now, "one", "two")
	sumOf := func(s string) string { _, sum, _ := strings.Cut(s, ","); return sum }
	for _, c := range []struct {
		note, header, body string
		at                 time.Duration
		secrets            []string
		want               error
	}{
		{"fine", one, "{}", 0, []string{"one"}, nil},
		{"the new secret is not known yet", two, "{}", 0, []string{"one"}, nil},
		{"the old secret is forgotten", two, "{}", 0, []string{"two"}, nil},
		{"both are known", one, "{}", 0, []string{"two", "one"}, nil},
		{"with spaces and tomorrow's part", strings.ReplaceAll(one, ",", ", v2=x, "), "{}", 0, []string{"one"}, nil},
		{"as old as may be", one, "{}", Tolerance, []string{"one"}, nil},
		{"too old", one, "{}", Tolerance + time.Second, []string{"one"}, ErrTooOld},
		{"of the future", one, "{}", -Tolerance - time.Second, []string{"one"}, ErrTooOld},
		{"another secret", one, "{}", 0, []string{"two"}, ErrSignature},
		{"no secret", one, "{}", 0, nil, ErrSignature},
		{"another body", one, "{ }", 0, []string{"one"}, ErrSignature},
		{"another time", "t=1700000001," + sumOf(one), "{}", 0, []string{"one"}, ErrSignature},
		{"no time", sumOf(one), "{}", 0, []string{"one"}, ErrSignature},
		{"no sum", "t=1700000000", "{}", 0, []string{"one"}, ErrSignature},
		{"empty", "", "{}", 0, []string{"one"}, ErrSignature},
		{"not hex", "t=1,v1=xyz", "{}", 0, []string{"one"}, ErrSignature},
		{"cut short", one[:len(one)-2], "{}", 0, []string{"one"}, ErrSignature},
		{"a time that is none", sign(body, now, "one")[:2] + "x," + sumOf(one), "{}", 0, []string{"one"}, ErrSignature},
		{"too many sums", "t=1700000000" + strings.Repeat(","+sumOf(one), 9), "{}", 0, []string{"one"}, ErrSignature},
	} {
		if err := Verify(c.header, []byte(c.body), now.Add(c.at), Tolerance, c.secrets...); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: got %v, want %v", c.note, err, c.want)
		}
	}
}

func FuzzVerify(f *testing.F) {
	now := time.Unix(1700000000, 0)
	f.Add(sign([]byte("{}"), now, "one"))
	f.Add("t=,v1=,v1")
	f.Fuzz(func(t *testing.T, header string) {
		if Verify(header, []byte("{}"), now, Tolerance, "another") == nil {
			t.Errorf("%q is of a secret that nobody has used", header)
		}
	})
}

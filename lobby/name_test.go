package lobby

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNames(t *testing.T) {
	for given, want := range map[string]string{
		"Ada":                     "Ada",
		"  Ada   Lovelace ":       "Ada Lovelace",
		"Ada\u00a0\u3000Lovelace": "Ada Lovelace",
		"x":                       "x",
		strings.Repeat("ж", 24):   strings.Repeat("ж", 24),
		"Zoë, naïve":              "Zoë, naïve",
		"e\u0301":                 "e\u0301",
		"ที่นี่":                  "ที่นี่",
		"😀 <b>&":                  "😀 <b>&",
		"日本語":                     "日本語",
	} {
		if got, err := cleanName(given); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", given, got, err, want)
		}
	}
}

var badNames = []string{
	"", " ", "\u3000", "\t", "a\tb", "a\nb", "a\x00", "\x7f", "a\u0085b",
	strings.Repeat("a", 25), strings.Repeat("ж", 25), strings.Repeat("a", 5000),
	"a\u202eb", "a\u2066b", "a\u200fb", "a\u061cb", // bidi
	"a\u200bb", "a\u200db", "a\ufeffb", "a\u00adb", "a\u2060b", // invisible
	"\u2800", "\u3164", "\u115f", "a\u034fb", "a\ufe0f", "a\U000e0100b",
	"a\u2028b", "a\u2029b", "a\ue000b", "a\U000f0000", "a\uffffb", "\ufffd", "a\xffb", "\xed\xa0\x80",
	"\u0301a", "a\u0301\u0301\u0301\u0301",
	"a\U000e0041b", // tags
}

func TestBadNames(t *testing.T) {
	for _, name := range badNames {
		if got, err := cleanName(name); err == nil {
			t.Errorf("%q was taken as %q", name, got)
		}
	}
}

func FuzzName(f *testing.F) {
	for _, name := range badNames {
		f.Add(name)
	}
	f.Add("Ada  Lovelace")
	f.Fuzz(func(t *testing.T, s string) {
		name, err := cleanName(s)
		if err != nil {
			return
		}
		if n := utf8.RuneCountInString(name); n < 1 || n > 24 || len(name) > 96 {
			t.Errorf("%q has %d characters", name, n)
		}
		if again, err := cleanName(name); err != nil || again != name {
			t.Errorf("%q becomes %q, %v", name, again, err)
		}
	})
}

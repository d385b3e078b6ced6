package account

import (
	"errors"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

func TestDisplayNames(t *testing.T) {
	for given, want := range map[string]string{
		"Ada":                     "Ada",
		"  Ada   Lovelace ":       "Ada Lovelace",
		"Ada\u00a0\u3000Lovelace": "Ada Lovelace",
		"Ａｄａ ﬁ":                   "Ada fi",
		"e\u0301":                 "é",
		strings.Repeat("ж", 24):   strings.Repeat("ж", 24),
		"ที่นี่":                  "ที่นี่",
		"😀 <b>&":                  "😀 <b>&",
		"日本語":                     "日本語",
		strings.Repeat("👍🏽", 12):  strings.Repeat("👍🏽", 12),
	} {
		if got, err := displayName(given); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", given, got, err, want)
		}
	}
}

var badNames = []string{
	"", " ", "\u3000", "\t", "a\tb", "a\nb", "a\x00", "\x7f", "a\u0085b",
	strings.Repeat("a", 25), strings.Repeat("ж", 25), strings.Repeat("a", 5000),
	"a\u202eb", "a\u2066b", "a\u200fb", "a\u061cb", // bidi
	"a\u200bb", "a\u200db", "a\ufeffb", "a\u00adb", "a\u2060b", // invisible
	"\u2800", "\u3164", "\u115f", "\uffa0", "a\u034fb", "a\ufe0f", "a\U000e0100b",
	"a\u2028b", "a\u2029b", "a\ue000b", "a\U000f0000", "a\uffffb", "\ufffd", "a\xffb", "\xed\xa0\x80",
	"\u0301a", "a\u0323\u0330\u0331\u032d\u0301", // marks
	"a\U000e0041b", // tags
}

func TestBadDisplayNames(t *testing.T) {
	for _, name := range badNames {
		if got, err := displayName(name); err == nil {
			t.Errorf("%q was taken as %q", name, got)
		}
	}
}

// TestNamesThatBreakARule are told which, and are ErrNameInvalid all the same.
func TestNamesThatBreakARule(t *testing.T) {
	shown := func(s string) error { _, err := displayName(s); return err }
	login := func(s string) error { _, _, err := username(s); return err }
	for _, test := range []struct {
		of   func(string) error
		name string
		want *NameError
	}{
		{shown, "", nameEmpty}, {shown, " \u3000", nameEmpty}, {shown, strings.Repeat("ж", 25), nameLong}, {shown, strings.Repeat("a", 5000), nameLong},
		{shown, "a\tb", nameInvisible}, {shown, "a\u202eb", nameInvisible}, {shown, "a\xffb", nameInvisible}, {shown, "\u3164", nameInvisible},
		{shown, "\u0301a", nameMarks}, {shown, "a\u0323\u0330\u0331\u032d\u0301", nameMarks},
		{login, "", nameEmpty}, {login, "ab", usernameLength}, {login, strings.Repeat("a", 21), usernameLength}, {login, strings.Repeat("a", 25), nameLong},
		{login, "a b c", usernameCharacters}, {login, ".abc", usernameCharacters}, {login, "a..b", usernameCharacters}, {login, "a😀b", usernameCharacters},
		{login, "Admin", usernameReserved}, {login, "аdmin", usernameReserved}, {login, "a\u200bbc", nameInvisible},
	} {
		if err := test.of(test.name); err != test.want || !errors.Is(err, ErrNameInvalid) {
			t.Errorf("%q: got %v, want %v", test.name, err, test.want)
		}
	}
}

func TestSkeletons(t *testing.T) {
	for _, same := range [][]string{
		{"paypal", "PayPaI", "раураl", "pаypаl", "ｐａｙｐａｌ", "рaypa1", "pay.pal", "pay_pal", "𝓹𝓪𝔂𝓹𝓪𝓵", "ρaypal", "páypal"},
		{"modern", "rnodern", "moderп", "m0dern"},
		{"wow", "vvow", "wоvv", "ѡοw"},
		{"José", "jose", "JOSE\u0301", "ϳose"},
		{"Straße", "strasse", "STRASSE"},
		{"Зоя", "зоя", "3ог"},
	} {
		for _, name := range same[1:] {
			if got, want := skeleton(name), skeleton(same[0]); got != want {
				t.Errorf("%q is %q, %q is %q", same[0], want, name, got)
			}
		}
	}
	for _, pair := range [][2]string{{"anna", "hanna"}, {"marc", "mark"}, {"ที่นี่", "ทีนี"}, {"日本語", "日本"}, {"abc1", "abc2"}, {"dana", "diana"}} {
		if skeleton(pair[0]) == skeleton(pair[1]) {
			t.Errorf("%q and %q are one", pair[0], pair[1])
		}
	}
	for r, like := range lookalikes { // else the row is never found
		if before := folded(string(r)); []rune(before)[0] != r {
			t.Errorf("%c (%U), like %c, is folded to %q before", r, r, like, before)
		}
		if _, again := lookalikes[like]; again && lookalikes[like] != like {
			t.Errorf("%c is like %c, which is like %c", r, like, lookalikes[like])
		}
	}
}

func TestCommonPasswordsAreOfUse(t *testing.T) {
	for i, p := range common {
		if !passwordSized(p) || strings.ToLower(p) != p || i > 0 && common[i-1] == p {
			t.Errorf("%q is too short, not in small letters or there twice", p)
		}
	}
}

func FuzzName(f *testing.F) {
	for _, name := range badNames {
		f.Add(name)
	}
	for _, name := range []string{"Ada  Lovelace", "rnаrlοn", "vvvrrnn", "Straße", "ﬃ", "İstanbul", "ǅ", "ᾷ", "각", "ที่นี่", "a\u0345b", "ﷺ"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := displayName(s)
		if err != nil {
			return
		}
		if n := uniseg.GraphemeClusterCount(name); n < 1 || n > maxNameChars || len(name) > maxNameBytes {
			t.Errorf("%q has %d characters", name, n)
		}
		if again, err := displayName(name); err != nil || again != name {
			t.Errorf("%q becomes %q, %v", name, again, err)
		}
		shown, bones, err := username(s)
		if err != nil {
			return
		}
		if again, same, err := username(shown); err != nil || again != shown || same != bones {
			t.Errorf("%q becomes %q of %q, was %q: %v", shown, again, same, bones, err)
		}
		if same := skeleton(bones); same != bones {
			t.Errorf("the skeleton of %q is %q, and of that %q", s, bones, same)
		}
		if same := skeleton(strings.ToUpper(shown)); len(shown) == len(strings.ToUpper(shown)) && isASCII(shown) && same != bones {
			t.Errorf("%q is %q, in capitals %q", shown, bones, same)
		}
	})
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) }

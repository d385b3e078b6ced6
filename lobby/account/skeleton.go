package account

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// skeleton folds together names that look alike: those of one skeleton are one
// username. It is coarser than Unicode's (UTS 39) where that is cheap, for a
// username that is refused costs little and one that is mistaken costs a
// friendship, and finer where that takes its table of 6,000 rows:
//
//   - compatibility forms (fullwidth, circled, mathematical letters, ligatures)
//     and letter case are one;
//   - accents and other marks that are of no script (U+0300 …) are left out, so
//     "José" is "jose"; vowel signs of Thai, Hindi, Hebrew and the like stay;
//   - Cyrillic, Greek, Armenian and Latin letters of the table below
//     are the Latin letter or digit that they look like;
//   - 0 and o are one, and 1, l, i and |; rn is m, and vv is w;
//   - dots, dashes and underscores are left out.
//
// Not covered: lookalikes within and among other scripts (Hebrew ס and o,
// Arabic ه, Han characters), and leet (3 for e, 5 for s).
func skeleton(name string) string {
	name = strings.Map(bone, folded(name))
	name = pairs.Replace(name)
	return norm.NFKC.String(name)
}

// folded is a name without case and compatibility forms, its marks apart. The
// library turns Cherokee letters round, small to capital and back; hence ToLower.
func folded(name string) string {
	return norm.NFKD.String(strings.ToLower(fold.String(norm.NFKD.String(name))))
}

var (
	fold  = cases.Fold()
	pairs = strings.NewReplacer("rn", "m", "vv", "w")
)

// bone is what a character of a folded name looks like, -1 for nothing.
func bone(r rune) rune {
	switch {
	case r == '.' || r == '-' || r == '_':
		return -1
	case unicode.Is(unicode.Mn, r) && unicode.Is(unicode.Inherited, r):
		return -1
	}
	if like, ok := lookalikes[r]; ok {
		return like
	}
	return r
}

// lookalikes are small letters, for case is folded before, by what they look
// like in either case: В looks like B, so its small в is b.
var lookalikes = func() map[rune]rune {
	all := make(map[rune]rune)
	for like, letters := range map[rune]string{
		'a': "аαɑ",
		'b': "вβьъƅ",
		'c': "сƈᴄ",
		'd': "ԁɗժ",
		'e': "еєεҽɛ",
		'f': "ƒϝք",
		'g': "ɡցԍ",
		'h': "һнհ",
		'j': "јϳյ",
		'k': "кκқҝҟ",
		'l': "1iіıιוӏǀⲓ",
		'm': "мϻ",
		'n': "пηոռ", // η too, though Η looks like H: names are mostly small
		'o': "0оοσөօ",
		'p': "рρϼ",
		'q': "ԛզգ",
		'r': "гяɾᴦ",
		's': "ѕʂ",
		't': "тτƭ",
		'u': "υսцʋմ",
		'v': "νѵᴠ",
		'w': "ѡшωԝա",
		'x': "хχҳ",
		'y': "уγүұỿ",
		'z': "ᴢʐζ",
		'3': "зҙӡʒȝ",
		'4': "ч",
		'6': "б",
	} {
		for _, r := range letters {
			all[r] = like
		}
	}
	return all
}()

package social

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Cleaner makes what players say fit to be shown, here and in rooms and
// matches alike.
type Cleaner struct {
	Most   int                 // bytes of the cleaned text
	Normal func(string) string // brings a text into NFC
}

// maxMarks is how many combining marks may follow each other: scripts use two
// or three, mischief dozens.
const maxMarks = 4

// Clean returns a text in NFC, on one line. White space of any kind becomes
// single blanks; control and bidi characters, and others that cannot be seen or
// mean nothing, are left out, but for the joiners that scripts and emoji need.
// ErrTextBad, ErrTextLong, ErrTextEmpty.
func (c Cleaner) Clean(text string) (string, error) {
	switch {
	case !utf8.ValidString(text):
		return "", ErrTextBad
	case len(text) > 4*c.Most:
		return "", ErrTextLong // before any work is done
	}
	text = c.Normal(strip(text))
	switch {
	case len(text) > c.Most:
		return "", ErrTextLong
	case strings.IndexFunc(text, visible) < 0:
		return "", ErrTextEmpty
	}
	return text, nil
}

func strip(text string) string {
	var b strings.Builder
	marks, blank := maxMarks, false // none comes first
	for _, r := range text {
		switch {
		case unicode.IsSpace(r) || unicode.In(r, unicode.Z):
			blank, marks = b.Len() > 0, maxMarks
			continue
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				continue
			}
		case joiner(r):
		case !visible(r):
			continue
		default:
			marks = 0
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// joiner says whether r, unseen, shapes what stands beside it.
func joiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// visible says whether a person could see r.
func visible(r rune) bool {
	switch r {
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u2800', '\u3164', '\uffa0', utf8.RuneError:
		return false // joiners, fillers and blanks that count as letters, marks or symbols
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
}

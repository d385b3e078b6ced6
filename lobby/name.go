package lobby

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxNameChars = 24
	maxMarks     = 3 // combining marks in a row: scripts use two or three, mischief dozens
)

// cleanName returns a display name with its white space made single, or
// ErrNameInvalid. What has no shape of its own is refused: control, format
// and bidi characters, line ends, private and unassigned code points.
func cleanName(name string) (string, error) {
	if len(name) > 4*maxNameChars+64 || !utf8.ValidString(name) {
		return "", ErrNameInvalid
	}
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return unicode.Is(unicode.Zs, r) }), " ")
	n := utf8.RuneCountInString(name)
	if n < 1 || n > maxNameChars {
		return "", ErrNameInvalid
	}
	marks := maxMarks // so that none comes first
	for _, r := range name {
		switch {
		case invisible(r):
			return "", ErrNameInvalid
		case !unicode.Is(unicode.M, r):
			marks = 0
		case marks == maxMarks:
			return "", ErrNameInvalid
		default:
			marks++
		}
	}
	return name, nil
}

// invisible says whether a person could not see r.
func invisible(r rune) bool {
	switch r {
	case ' ':
		return false
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u2800', '\u3164', '\uffa0', utf8.RuneError:
		return true // joiners, fillers and blanks that count as letters, marks or symbols
	}
	return !unicode.IsGraphic(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Variation_Selector)
}

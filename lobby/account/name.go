package account

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"
)

const (
	maxNameChars = 24 // graphemes: what a person counts as characters
	maxNameBytes = 96 // protocol messages hold as many
	maxNameGiven = 4*maxNameBytes + 64
	maxMarks     = 3 // combining marks in a row: scripts use two or three, mischief dozens
	minUserChars = 3
	maxUserChars = 20
)

// displayName returns a name to be shown, normalised to NFKC and its white
// space made single, or a *NameError. What has no shape of its own is refused:
// control, format and bidi characters, line ends, private and unassigned code
// points.
func displayName(name string) (string, error) {
	if len(name) > maxNameGiven {
		return "", nameLong
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return invisible(r) && !unicode.Is(unicode.Zs, r) }) {
		return "", nameInvisible // before NFKC makes something else of it
	}
	name = norm.NFKC.String(name)
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return unicode.Is(unicode.Zs, r) }), " ")
	n := uniseg.GraphemeClusterCount(name)
	switch {
	case n < 1:
		return "", nameEmpty
	case n > maxNameChars || len(name) > maxNameBytes:
		return "", nameLong
	case strings.ContainsFunc(name, invisible):
		return "", nameInvisible
	case !marked(name):
		return "", nameMarks
	}
	return name, nil
}

// marked says that marks stand on something, and not too many of them.
func marked(name string) bool {
	marks := maxMarks // so that none comes first
	for _, r := range name {
		switch {
		case !unicode.Is(unicode.M, r):
			marks = 0
		case marks == maxMarks:
			return false
		default:
			marks++
		}
	}
	return true
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

// username returns a name to log in with, normalised to NFKC, and its
// skeleton, which no two usernames of a game share; or a *NameError. It has
// letters, marks and digits of any script, and between them single dots,
// dashes and underscores.
func username(name string) (shown, bones string, err error) {
	shown, err = displayName(name)
	if err != nil {
		return "", "", err
	}
	n := uniseg.GraphemeClusterCount(shown)
	bones = skeleton(shown)
	switch {
	case n < minUserChars || n > maxUserChars:
		return "", "", usernameLength
	case !plain(shown) || bones == "" || len(bones) > 4*maxNameBytes:
		return "", "", usernameCharacters
	case slices.Contains(reserved, bones):
		return "", "", usernameReserved
	}
	return shown, bones, nil
}

// plain says that a name is of letters, marks and digits, with single
// separators between them.
func plain(name string) bool {
	separated := true // so that none comes first
	for _, r := range name {
		switch {
		case strings.ContainsRune("._-", r):
			if separated {
				return false
			}
			separated = true
		case unicode.In(r, unicode.L, unicode.M, unicode.Nd):
			separated = false
		default:
			return false
		}
	}
	return !separated
}

// reserved are the skeletons of names that players would take for the house's.
var reserved = func() (all []string) {
	for _, name := range []string{"admin", "administrator", "moderator", "mod", "system", "server", "muster", "support", "staff", "official",
		"service", "root", "nobody", "null", "undefined", "anonymous", "everyone", "here"} {
		all = append(all, skeleton(name))
	}
	return all
}()

// NFC brings a text into Unicode's composed form, for those who clean what
// players say.
func NFC(s string) string { return norm.NFC.String(s) }

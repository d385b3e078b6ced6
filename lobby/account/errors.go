package account

import (
	"errors"
	"fmt"
	"time"
)

// Errors that callers decide by. Those of the bus (ErrDown, ErrNoSpace …) come
// through as they are: the verb may or may not have happened, and can be tried
// again.
var (
	ErrGameUnknown = errors.New("the server does not host the game")
	ErrNotFound    = errors.New("there is no such account")

	ErrNameInvalid      = errors.New("the name cannot be used") // in a *NameError
	ErrNameTaken        = errors.New("the name belongs to somebody else")
	ErrPasswordLength   = errors.New("a password has 8 to 128 bytes")
	ErrPasswordCommon   = errors.New("the password is one of those that are tried first")
	ErrHasUsername      = errors.New("the account has a username already")
	ErrDeviceInvalid    = errors.New("a device has an id of 1 to 64 letters, digits, dots, dashes and underscores, and a key of 32 bytes")
	ErrTaken            = errors.New("the credential belongs to another account")
	ErrTooMany          = errors.New("the account has as many of them as it may")
	ErrLastCredential   = errors.New("nobody could log in to the account any more")
	ErrLastAdmin        = errors.New("the game would have no admin any more: appoint another first")
	ErrRoleUnknown      = errors.New("there is no such role")
	ErrBanInvalid       = errors.New("a ban ends in the future, and its reason has at most 500 bytes")
	ErrProviderUnknown  = errors.New("the game has no such identity provider")
	ErrProvider         = errors.New("the identity provider does not answer as it should")
	ErrServiceKeyName   = errors.New("a service key is named with 1 to 64 characters")
	ErrServiceKeyFailed = errors.New("the service key is not valid")

	// ErrCredentials answers every login that fails, whatever was wrong.
	ErrCredentials = errors.New("the login is not right")

	ErrTokenInvalid = errors.New("the token is not valid")
	ErrTokenExpired = errors.New("the token has expired")
	ErrTokenRevoked = errors.New("the token was taken back")
	// ErrTokenReused is an ErrTokenRevoked: a refresh token that had a successor
	// for long came again, so one of two who hold it has stolen it.
	ErrTokenReused = fmt.Errorf("%w: it was used before", ErrTokenRevoked)

	ErrBanned   = errors.New("the account is banned")            // in a *BannedError
	ErrBusy     = errors.New("too many are logging in")          // in a *WaitError
	ErrSlowDown = errors.New("too many logins have failed")      // in a *WaitError
	errConfig   = errors.New("lobby/account: the config is bad") // from Open
)

// A NameError is ErrNameInvalid with the rule that a name breaks.
type NameError struct {
	Rule string // stable, for programs
	says string
}

func (e *NameError) Error() string { return e.says }

// Unwrap returns ErrNameInvalid.
func (e *NameError) Unwrap() error { return ErrNameInvalid }

// The rules of names, and those that only usernames have.
var (
	nameEmpty     = &NameError{"empty", "a name has a character at least"}
	nameLong      = &NameError{"too_long", fmt.Sprintf("a name has at most %d characters, of %d bytes together", maxNameChars, maxNameBytes)}
	nameInvisible = &NameError{"invisible", "a name has only characters that can be seen, and single spaces between them"}
	nameMarks     = &NameError{"marks", fmt.Sprintf("in a name, marks stand on a character, at most %d on each", maxMarks)}

	usernameLength     = &NameError{"username_length", fmt.Sprintf("a username has %d to %d characters", minUserChars, maxUserChars)}
	usernameCharacters = &NameError{"username_characters", "a username has letters and digits, and between them single dots, dashes and underscores"}
	usernameReserved   = &NameError{"username_reserved", "the username is kept for the house, or looks like one that is"}
)

// A WaitError is an error that is gone after a while.
type WaitError struct {
	Err   error // ErrBusy or ErrSlowDown
	Retry time.Duration
}

func (e *WaitError) Error() string {
	return fmt.Sprintf("%v: try again in %v", e.Err, e.Retry.Round(time.Second))
}
func (e *WaitError) Unwrap() error { return e.Err }

// A BannedError says of a right login why it is refused all the same.
type BannedError struct{ Ban Ban }

func (e *BannedError) Error() string {
	return fmt.Sprintf("%v until %s", ErrBanned, e.Ban.Until.Format(time.RFC3339))
}
func (e *BannedError) Unwrap() error { return ErrBanned }

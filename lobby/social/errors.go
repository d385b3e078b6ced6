package social

import "errors"

// Errors that callers decide by; the texts are for people. Those of the bus
// (ErrDown, ErrNoSpace …) come through as they are: the verb may or may not
// have happened, and can be tried again.
var (
	ErrPlayerUnknown = errors.New("there is no such player")
	ErrSelf          = errors.New("that is you")

	ErrNoParty       = errors.New("you are in no party")
	ErrNoInvitation  = errors.New("there is no such invitation any more")
	ErrNotMember     = errors.New("the player is not in your party")
	ErrMember        = errors.New("the player is in your party already")
	ErrInOtherParty  = errors.New("you are in another party: leave it first")
	ErrPartyFull     = errors.New("the party is full")
	ErrInvitesFull   = errors.New("too many invitations are open")
	ErrNotLeader     = errors.New("only the leader of the party may do that")
	ErrPartyAway     = errors.New("a member of the party is not connected")
	ErrPartyQueued   = errors.New("the party is queued already")
	ErrNotQueued     = errors.New("the party is not queued")
	ErrFriends       = errors.New("you are friends already")
	ErrNotFriends    = errors.New("you are not friends, and have not asked to be")
	ErrNoRequest     = errors.New("there is no such request")
	ErrFriendsFull   = errors.New("you have as many friends as one may have")
	ErrRequestsFull  = errors.New("you have asked as many as one may ask")
	ErrTheirsFull    = errors.New("the player has as many friends or requests as one may have")
	ErrBlocking      = errors.New("you block the player")
	ErrBlocksFull    = errors.New("you block or mute as many as one may")
	ErrNotBlocked    = errors.New("you do not block the player")
	ErrNotMuted      = errors.New("the player is not muted")
	ErrMuteInvalid   = errors.New("a mute ends in the future, and its reason has at most 256 bytes")
	ErrReportInvalid = errors.New("a report has a reason of 1 to 256 bytes")
	ErrNoMessage     = errors.New("you have heard no such message lately")
	ErrNoReport      = errors.New("there is no such report that is open")

	ErrTooFast        = errors.New("you say too much")
	ErrFlooding       = errors.New("you have said too much too often: wait a minute")
	ErrMuted          = errors.New("a moderator has muted you")
	ErrBusy           = errors.New("too much is going on: try again")
	ErrTextEmpty      = errors.New("there is nothing to be seen in the text")
	ErrTextLong       = errors.New("the text is too long")
	ErrTextBad        = errors.New("the text is not UTF-8")
	ErrChannelUnknown = errors.New("there is no such channel")
)

// refusals are how a Chat names them.
var refusals = map[error]string{
	ErrPlayerUnknown: "player_unknown", ErrSelf: "player_unknown", ErrNoParty: "no_party",
	ErrTooFast: "too_fast", ErrFlooding: "flooding", ErrMuted: "muted", ErrChannelUnknown: "channel_unknown",
	ErrTextEmpty: "text_empty", ErrTextLong: "text_long", ErrTextBad: "text_bad",
}

// Refusal is how a Chat names why a line was refused.
func Refusal(err error) string {
	for e, code := range refusals {
		if errors.Is(err, e) {
			return code
		}
	}
	return "busy"
}

package rooms

// A Refusal is why something is not done, as a RoomReply says it.
type Refusal string

func (r Refusal) Error() string { return "room: " + string(r) }

// The refusals.
const (
	ErrNotFound Refusal = "room_not_found" // also of another game
	ErrFull     Refusal = "room_full"      // no open seat
	ErrPassword Refusal = "password_wrong"
	ErrBanned   Refusal = "banned"
	ErrFriends  Refusal = "friends_only"
	ErrBans     Refusal = "bans_full" // lift one first
	ErrTooFast  Refusal = "too_fast"
	ErrRooms    Refusal = "rooms_full" // the server has as many as it takes
	ErrInRoom   Refusal = "in_room"    // leave the other first
	ErrNoRoom   Refusal = "no_room"    // the player is in none
	ErrDraining Refusal = "draining"
	ErrNotHost  Refusal = "not_host"
	ErrMode     Refusal = "mode_unknown"
	ErrOptions  Refusal = "options_invalid"
	ErrSize     Refusal = "size_invalid"
	ErrText     Refusal = "text_invalid"
	ErrVerb     Refusal = "verb_unknown"
	ErrSeat     Refusal = "seat_taken" // or not in use
	ErrPlayer   Refusal = "player_unknown"
	ErrSelf     Refusal = "self"
	ErrNoBots   Refusal = "no_bots"
	ErrNotReady Refusal = "not_ready" // somebody is not, or not here
	ErrTooFew   Refusal = "too_few"
	ErrPlaying  Refusal = "playing" // somebody still is
	ErrStarting Refusal = "starting"
	ErrNoMatch  Refusal = "no_host" // no host took the match; told to all
)

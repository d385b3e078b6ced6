package protocol

import "fmt"

// A Reason names why a connection ends. It is the WebSocket close code, the
// text of the close frame, a field of the log line and a label of the metric,
// so that a player, a client's author and the person on call speak of the
// same thing. Codes from 4000 are Muster's own; the others are those of RFC
// 6455, section 7.4.1.
type Reason struct {
	Code     uint16
	Text     string // stable, lower case, at most 123 bytes
	ComeBack bool   // whether the same client may connect again by itself
}

// The reasons there are. A client meets no other.
var (
	Normal      = Reason{1000, "normal", true}
	GoingAway   = Reason{1001, "going away", true}
	BadFrame    = Reason{1002, "protocol error", false}
	TextFrame   = Reason{1003, "binary messages only", false}
	TooBig      = Reason{1009, "message too big", false}
	Internal    = Reason{1011, "internal error", true}
	Replaced    = Reason{4001, "replaced", false}            // the same player connected anew
	Kicked      = Reason{4002, "kicked", false}              // by a host, a moderator or a back end
	BadMessage  = Reason{4003, "malformed message", false}   // msgpack that is none of ours
	BadSequence = Reason{4004, "message out of turn", false} // well-formed, but not now or not from here
	Expired     = Reason{4005, "session expired", true}      // log in again first
	LoggedOut   = Reason{4006, "logged out", false}          // this login, or all of the player
	Deleted     = Reason{4007, "account deleted", false}     // and all that was kept of the player
	Flood       = Reason{4008, "too many messages", false}   // over the budget of bytes, reads or messages
	Banned      = Reason{4009, "banned", false}              // REST says until when, and why
	TooSlow     = Reason{4010, "too slow", true}             // what was sent could not be delivered
	Silent      = Reason{4011, "no sign of life", true}      // no ack or pong in time
	Draining    = Reason{4012, "server restarting", true}    // come back after a random wait
	Overflow    = Reason{4013, "control messages piled up", true}
	MatchFailed = Reason{4014, "match failed", true} // its rules panicked or never returned
	ServerFull  = Reason{4015, "server full", true}

	UpdateRequired = Reason{4016, "update required", false} // the game's client is too old
)

// Error makes a Reason usable as the error a connection ended with.
func (r Reason) Error() string { return fmt.Sprintf("%d %s", r.Code, r.Text) }

package protocol

// The refusals there are: whoever answers a Join gives the same reasons.
var (
	MatchNotFound = Refused{"match_not_found", "The match is over, or was never here."}
	MatchFull     = Refused{"match_full", "The match could not take you in just now."}
	SeatNotYours  = Refused{"seat_not_yours", "You hold no such seat in this match."}
	PassInvalid   = Refused{"pass_invalid", "The pass is not one for this match."}
	PassExpired   = Refused{"pass_expired", "The pass is no longer good. Look for a match again."}
	NotWatched    = Refused{"watch_forbidden", "You may not watch this match."}
	PassUsed      = Refused{"pass_used", "The pass was used. Resume without one."}
)

// Error makes a Refused usable as the error of a Join.
func (m Refused) Error() string { return "join refused: " + m.Code + ": " + m.Text }

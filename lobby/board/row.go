package board

import "github.com/musterhq/muster/protocol"

// MaxScore bounds scores, above and below zero: what a float64 of a browser
// holds exactly.
const MaxScore = 1<<53 - 1

// A Row is what a board says of a player.
type Row struct {
	Player  protocol.PlayerID
	Score   int64 // higher is better; within ±MaxScore
	Last    int64 // unix seconds of the last match of the season, 0 if none
	Wins    uint32
	Losses  uint32
	Matches uint32 // of the season, draws and unrated ones too
}

// A Standing is a row and its place.
type Standing struct {
	Rank int // 1 is best; one more than players with a higher score, so ties share it
	Row
}

// A row is a Row as it hangs in the tree: never changed, only replaced.
type row struct {
	Row
	reached uint64 // sequence number of the entry that brought the score
}

func (r *row) holds() protocol.PlayerID { return r.Player }

func (r *row) key() key { return key{r.Score, r.reached, r.Player} }

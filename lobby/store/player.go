package store

import (
	"time"

	"github.com/hashicorp/go-memdb"

	"github.com/musterhq/muster/protocol"
)

// A Player is somebody who was here lately.
type Player struct {
	protocol.Player
	Seen time.Time // login, refresh or ticket, whichever was last
}

const indexSeen = "seen"

func playerSchema() *memdb.TableSchema {
	return table(tablePlayers,
		unique(indexID, func(p *Player) []byte { return text(p.ID) }),
		unique(indexSeen, func(p *Player) []byte {
			return append(ascending(nil, uint64(p.Seen.UnixNano())), text(p.ID)...)
		}))
}

// SawPlayer notes that p was here at a time.
func (s *Store) SawPlayer(p protocol.Player, at time.Time) {
	s.update(func(txn *memdb.Txn) error {
		if _, old := firstTxn[Player](txn, tablePlayers, indexID, text(p.ID)); old == nil {
			s.players.Add(1)
		}
		putTxn(txn, tablePlayers, &Player{p, at})
		return nil
	})
}

// Player returns the row of a player who was here lately.
func (s *Store) Player(id protocol.PlayerID) (Player, error) {
	_, p := firstTxn[Player](s.db.Txn(false), tablePlayers, indexID, text(id))
	if p == nil {
		return Player{}, ErrNotFound
	}
	return *p, nil
}

// ForgetPlayers deletes those not seen since a time, and of the others the
// ones longest away until at most so many are left. It returns how many went.
func (s *Store) ForgetPlayers(since time.Time, most int) (gone int) {
	s.update(func(txn *memdb.Txn) error {
		surplus := int(s.players.Load()) - most
		eachTxn(txn, tablePlayers, indexSeen, nil, func(p *Player) bool {
			if gone >= surplus && !p.Seen.Before(since) {
				return false
			}
			dropTxn(txn, tablePlayers, p)
			gone++
			return true
		})
		s.players.Add(int64(-gone))
		return nil
	})
	return gone
}

package store

import (
	"slices"
	"time"

	"github.com/hashicorp/go-memdb"

	"github.com/musterhq/muster/protocol"
)

// PartyID names a party, in the same form as a player's id.
type PartyID string

// A Party is players of one game who stay together. Its slices are never
// changed: verbs replace them.
type Party struct {
	ID      PartyID
	Game    string
	Leader  protocol.PlayerID
	Most    int           // members
	Members []PartyMember // the longest first; at least one
	Invites []PartyInvite // open ones, the oldest first
	Mode    string        // that it is queued for, else empty
	Ticket  TicketID      // that it is queued with, else empty
}

// A PartyMember is one of a party.
type PartyMember struct {
	protocol.Player
	Away  time.Time // since when there is no connection; zero: here
	Pings Pings     // as the player has told them last; never changed
}

// A PartyInvite asks a player into a party.
type PartyInvite struct {
	protocol.Player
	By      protocol.Player
	Expires time.Time
	Hidden  bool // its player neither sees nor has it: for the others it is like any
}

const (
	tableParties     = "parties"
	tablePartyClocks = "partyclocks"

	indexMember  = "member"
	indexInvited = "invited"
)

// A partyClock counts the changes of parties, so that of two views the newer
// one is known.
type partyClock struct{ n uint64 }

func partySchema() *memdb.TableSchema {
	return table(tableParties,
		unique(indexID, func(p *Party) []byte { return text(p.ID) }),
		&memdb.IndexSchema{Name: indexMember, Unique: true, AllowMissing: true, Indexer: byMany[Party](memberKeys)},
		&memdb.IndexSchema{Name: indexInvited, Unique: true, AllowMissing: true, Indexer: byMany[Party](invitedKeys)})
}

func partyClockSchema() *memdb.TableSchema {
	return table(tablePartyClocks, unique(indexID, func(*partyClock) []byte { return text("") }))
}

// A byMany is a [by] that finds a row by several keys.
type byMany[R any] func(row *R) [][]byte

// FromObject implements memdb.MultiIndexer.
func (f byMany[R]) FromObject(row any) (bool, [][]byte, error) {
	keys := f(row.(*R))
	return len(keys) > 0, keys, nil
}

// FromArgs implements memdb.Indexer: the key is given as it is stored.
func (f byMany[R]) FromArgs(args ...any) ([]byte, error) { return args[0].([]byte), nil }

// PrefixFromArgs implements memdb.PrefixIndexer.
func (f byMany[R]) PrefixFromArgs(args ...any) ([]byte, error) { return args[0].([]byte), nil }

// playerOf is the key of a player of a game.
func playerOf(game string, p protocol.PlayerID) []byte { return append(text(game), text(p)...) }

func memberKeys(p *Party) (keys [][]byte) {
	for _, m := range p.Members {
		keys = append(keys, playerOf(p.Game, m.ID))
	}
	return keys
}

func invitedKeys(p *Party) (keys [][]byte) {
	for _, i := range p.Invites {
		if !i.Hidden {
			keys = append(keys, append(playerOf(p.Game, i.ID), text(p.ID)...))
		}
	}
	return keys
}

// Member returns where a player stands among the members, or -1.
func (p *Party) Member(id protocol.PlayerID) int {
	return slices.IndexFunc(p.Members, func(m PartyMember) bool { return m.ID == id })
}

// Invite returns where a player stands among the invited, or -1.
func (p *Party) Invite(id protocol.PlayerID) int {
	return slices.IndexFunc(p.Invites, func(i PartyInvite) bool { return i.ID == id })
}

// A PartyView is what one player sees of parties.
type PartyView struct {
	Revision uint64  // of all parties together; rises with each change of any
	Party    *Party  // the player's own, or nil; not to be changed
	Invites  []Party // those that invite the player
}

// PartyView looks.
func (s *Store) PartyView(game string, player protocol.PlayerID) PartyView {
	txn := s.db.Txn(false)
	return PartyView{partyClockTxn(txn), partyOfTxn(txn, game, player), invitationsTxn(txn, game, player)}
}

// Parties returns all there are.
func (s *Store) Parties() (all []Party) {
	eachTxn(s.db.Txn(false), tableParties, indexID, nil, func(p *Party) bool {
		all = append(all, *p)
		return true
	})
	return all
}

func partyClockTxn(txn *memdb.Txn) uint64 {
	if _, c := firstTxn[partyClock](txn, tablePartyClocks, indexID, text("")); c != nil {
		return c.n
	}
	return 0
}

// partyOfTxn returns the party that a player is a member of, or nil.
func partyOfTxn(txn *memdb.Txn, game string, player protocol.PlayerID) *Party {
	_, p := firstTxn[Party](txn, tableParties, indexMember, playerOf(game, player))
	return p
}

// invitationsTxn returns the parties that invite a player.
func invitationsTxn(txn *memdb.Txn, game string, player protocol.PlayerID) (all []Party) {
	eachTxn(txn, tableParties, indexInvited, playerOf(game, player), func(p *Party) bool {
		all = append(all, *p)
		return true
	})
	return all
}

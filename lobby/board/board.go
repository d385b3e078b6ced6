package board

import (
	"sync"

	"github.com/musterhq/muster/protocol"
)

// A Board ranks the players of one mode in one season by score. Ties are
// listed in the order in which they reached it, then by id. One goroutine may
// write while any number read; each method is one step, and none sees half of
// another.
type Board struct{ View }

// New returns an empty board.
func New() *Board {
	return &Board{View{rows: make(map[protocol.PlayerID]*row)}}
}

// Set puts a player at a score, in place of what the board said of the player
// before. The sequence number tells which of two with the same score came
// there first; it is kept as long as the score stays the same. Scores beyond
// [MaxScore] are held to it.
func (b *Board) Set(seq uint64, r Row) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set(seq, r)
}

// Remove takes a player off the board, and says whether there was one.
func (b *Board) Remove(p protocol.PlayerID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := b.rows[p]
	if old == nil {
		return false
	}
	delete(b.rows, p)
	b.tree.remove(old.key())
	return true
}

// set is Set with the lock held.
func (b *Board) set(seq uint64, r Row) {
	r.Score = hold(r.Score)
	fresh := &row{r, seq}
	old := b.rows[r.Player]
	b.rows[r.Player] = fresh
	switch {
	case old == nil:
		b.tree.insert(fresh.key(), fresh)
	case old.Score == r.Score:
		fresh.reached = old.reached
		b.tree.replace(fresh.key(), fresh)
	default:
		b.tree.remove(old.key())
		b.tree.insert(fresh.key(), fresh)
	}
}

// freeze returns the board as it is now, to be read at leisure.
func (b *Board) freeze() grove[*row] {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tree.freeze()
}

// add hangs up one more row of a board that is read or made in order, and
// says whether it is in order and its player is new.
func (b *Board) add(in *builder[*row], r *row) bool {
	if b.rows[r.Player] != nil {
		return false
	}
	b.rows[r.Player] = r
	return in.add(r.key(), r)
}

// A View is a board to be read.
type View struct {
	mu   sync.RWMutex
	rows map[protocol.PlayerID]*row // under mu; a row is never changed
	tree tree[*row]                 // under mu
}

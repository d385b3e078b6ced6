package board

import "github.com/musterhq/muster/protocol"

// MaxPage is the most rows that one question is answered with, so that no
// reader holds up the writer for long.
const MaxPage = 1000

// Len counts the players.
func (v *View) Len() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.rows)
}

// Rank returns where a player stands; false if not on the board.
func (v *View) Rank(p protocol.PlayerID) (Standing, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	r := v.rows[p]
	if r == nil {
		return Standing{}, false
	}
	return Standing{v.tree.above(r.Score) + 1, r.Row}, true
}

// Percentile returns the share of the other players that a player stands
// above, in percent; one that ties counts half. Whoever is alone has 100.
// False if not on the board.
func (v *View) Percentile(p protocol.PlayerID) (percent float64, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	r := v.rows[p]
	if r == nil {
		return 0, false
	}
	others := len(v.rows) - 1
	if others == 0 {
		return 100, true
	}
	above, upTo := v.tree.above(r.Score), v.tree.above(r.Score-1)
	below, ties := len(v.rows)-upTo, upTo-above-1
	return 100 * (float64(below) + float64(ties)/2) / float64(others), true
}

// Top returns up to n standings, best first, the first offset left out. More
// than [MaxPage] are not given; out of range is empty.
func (v *View) Top(n, offset int) []Standing {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.page(offset, n)
}

// Around returns a player's standing with up to n on each side, best first,
// and the player's index in them. False if not on the board. No more than
// (MaxPage-1)/2 are given on a side.
func (v *View) Around(p protocol.PlayerID, n int) (page []Standing, index int, ok bool) {
	n = min(max(n, 0), (MaxPage-1)/2)
	v.mu.RLock()
	defer v.mu.RUnlock()
	r := v.rows[p]
	if r == nil {
		return nil, 0, false
	}
	at := v.tree.before(r.key())
	from := max(at-n, 0)
	return v.page(from, at+n+1-from), at - from, true
}

// page returns n standings from an index on, with the lock held.
func (v *View) page(from, n int) []Standing {
	n = min(n, MaxPage, len(v.rows)-max(from, 0))
	if n <= 0 || from < 0 {
		return nil
	}
	page := make([]Standing, 0, n)
	for s := range v.tree.from(from) {
		page = append(page, Standing{v.rankNext(page, s.score, from), s.r.Row})
		if len(page) == n {
			break
		}
	}
	return page
}

// rankNext is the rank of a score that comes behind a page: that of the row
// before it if they tie.
func (v *View) rankNext(page []Standing, score int64, from int) int {
	switch n := len(page); {
	case n == 0:
		return v.tree.above(score) + 1
	case page[n-1].Score == score:
		return page[n-1].Rank
	default:
		return from + n + 1
	}
}

package board

import (
	"iter"

	"github.com/musterhq/muster/protocol"
)

// A holder is what hangs in a tree: a pointer to something that names its
// player and never changes that name.
type holder interface {
	holds() protocol.PlayerID
}

// A key says where something hangs: higher scores first, then lower sequence
// numbers, then lower ids. No two in a tree are the same.
type key struct {
	score int64
	seq   uint64
	id    protocol.PlayerID
}

// A slot is a key and what hangs there, 24 bytes: the id is that of r.
type slot[R holder] struct {
	score int64
	seq   uint64
	r     R
}

// compare returns below 0 if s comes before k, and above 0 if after.
func (s *slot[R]) compare(k *key) int {
	switch {
	case s.score != k.score:
		return sign(s.score > k.score)
	case s.seq != k.seq:
		return sign(s.seq < k.seq)
	}
	id := s.r.holds()
	if id == k.id {
		return 0
	}
	return sign(id < k.id)
}

func sign(before bool) int {
	if before {
		return -1
	}
	return 1
}

// A grove is a tree to be read. One that came from [tree.freeze] never
// changes and needs no lock.
type grove[R holder] struct {
	root *node[R] // nil if empty
}

func (g grove[R]) len() int {
	if g.root == nil {
		return 0
	}
	return g.root.size()
}

// before counts what comes before k.
func (g grove[R]) before(k key) int {
	if g.root == nil {
		return 0
	}
	return g.root.before(&k)
}

// above counts what has a higher score.
func (g grove[R]) above(score int64) int { return g.before(key{score: score}) }

// from walks over the slots, the first skip left out.
func (g grove[R]) from(skip int) iter.Seq[*slot[R]] {
	return func(yield func(*slot[R]) bool) {
		if g.root != nil {
			g.root.walk(skip, yield)
		}
	}
}

// A tree is a B+tree that counts what hangs below each node, so that both the
// place of a key and the key at a place are found in one descent. Its owner
// guards it. Freezing it takes no time: nodes carry the generation they were
// made in, and those of an earlier one are copied before they are changed.
type tree[R holder] struct {
	grove[R]
	gen uint64
}

// freeze returns the tree as it is now, for good.
func (t *tree[R]) freeze() grove[R] {
	t.gen++
	return t.grove
}

// insert hangs r at k, where nothing may hang yet.
func (t *tree[R]) insert(k key, r R) {
	if t.root == nil {
		t.root = newLeaf[R](t.gen)
	}
	t.root = t.root.own(t.gen)
	right, div := t.root.put(t.gen, &k, r)
	if right == nil {
		return
	}
	root := newInner[R](t.gen)
	root.adopt(t.root)
	root.slots = append(root.slots, div)
	root.adopt(right)
	t.root = root
}

// remove takes away what hangs at k, and says whether there was something.
func (t *tree[R]) remove(k key) bool {
	if t.root == nil {
		return false
	}
	t.root = t.root.own(t.gen)
	ok := t.root.drop(t.gen, &k)
	if len(t.root.kids) == 1 {
		t.root = t.root.kids[0]
	}
	return ok
}

// replace hangs r where something of the same key hangs, and says whether
// there was something.
func (t *tree[R]) replace(k key, r R) bool {
	if t.root == nil {
		return false
	}
	t.root = t.root.own(t.gen)
	n := t.root
	for n.kids != nil {
		i := n.seek(&k, true)
		n.kids[i] = n.kids[i].own(t.gen)
		n = n.kids[i]
	}
	i := n.seek(&k, false)
	if i == len(n.slots) || n.slots[i].compare(&k) != 0 {
		return false
	}
	n.slots[i].r = r
	return true
}

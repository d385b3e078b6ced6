package board

import "slices"

// This file takes from a tree, and builds one in order.

// drop removes what is at k below an owned node.
func (n *node[R]) drop(gen uint64, k *key) bool {
	if n.kids == nil {
		i := n.seek(k, false)
		if i == len(n.slots) || n.slots[i].compare(k) != 0 {
			return false
		}
		n.slots = slices.Delete(n.slots, i, i+1)
		return true
	}
	i := n.seek(k, true)
	kid := n.kids[i].own(gen)
	n.kids[i] = kid
	if !kid.drop(gen, k) {
		return false
	}
	n.sizes[i]--
	if len(kid.slots) < fewSlots && len(n.kids) > 1 {
		n.join(gen, max(i, 1)-1)
	}
	return true
}

// join makes one of kids i and i+1, or levels them if that would be too wide.
func (n *node[R]) join(gen uint64, i int) {
	left, right := n.kids[i].own(gen), n.kids[i+1]
	wide := len(left.slots) + len(right.slots)
	if left.kids != nil {
		left.slots = append(left.slots, n.slots[i])
		wide++
	}
	left.slots = append(left.slots, right.slots...)
	left.kids = append(left.kids, right.kids...)
	left.sizes = append(left.sizes, right.sizes...)
	if wide <= maxSlots {
		n.slots = slices.Delete(n.slots, i, i+1)
		n.kids = slices.Delete(n.kids, i+1, i+2)
		n.sizes = slices.Delete(n.sizes, i+1, i+2)
	} else {
		n.kids[i+1], n.slots[i] = left.split(gen)
		n.sizes[i+1] = n.kids[i+1].size()
		left = left.copy(gen) // no wider than it need be
	}
	n.kids[i], n.sizes[i] = left, left.size()
}

// A builder makes a tree of what is added in order.
type builder[R holder] struct {
	leaves []*node[R]
	last   key
}

// add hangs r at k and says whether k comes behind all before.
func (b *builder[R]) add(k key, r R) bool {
	s := slot[R]{k.score, k.seq, r}
	n := len(b.leaves)
	if n > 0 && s.compare(&b.last) <= 0 {
		return false
	}
	b.last = k
	if n == 0 || len(b.leaves[n-1].slots) == goodSlots {
		b.leaves = append(b.leaves, newLeaf[R](0))
		n++
	}
	leaf := b.leaves[n-1]
	leaf.slots = append(leaf.slots, s)
	return true
}

// tree ends the building.
func (b *builder[R]) tree() (t tree[R]) {
	level := b.leaves
	for len(level) > 1 {
		var above []*node[R]
		for group := range slices.Chunk(level, goodSlots) {
			above = append(above, parent(group))
		}
		level = above
	}
	if len(level) == 1 {
		t.root = level[0]
	}
	return t
}

func parent[R holder](kids []*node[R]) *node[R] {
	n := newInner[R](0)
	for i, kid := range kids {
		if i > 0 {
			n.slots = append(n.slots, kid.least())
		}
		n.adopt(kid)
	}
	return n
}

// least is the first slot below.
func (n *node[R]) least() slot[R] {
	for n.kids != nil {
		n = n.kids[0]
	}
	return n.slots[0]
}

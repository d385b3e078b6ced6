package board

import "slices"

const (
	maxSlots  = 63 // in a node: 64 of 24 bytes fill one of the allocator's sizes
	fewSlots  = 15 // a node with fewer is joined to a neighbour
	goodSlots = 48 // in a node that is built in order
)

// A node is a leaf, or an inner node that has kids. Only nodes of their tree's
// present generation are changed.
type node[R holder] struct {
	gen   uint64
	slots []slot[R]  // of a leaf, all it holds; of an inner node, slots[i] parts kids[i] from kids[i+1], which has nothing before it
	kids  []*node[R] // nil in a leaf
	sizes []int      // of each kid, with all below
}

func newLeaf[R holder](gen uint64) *node[R] {
	return &node[R]{gen: gen, slots: make([]slot[R], 0, maxSlots+1)}
}

func newInner[R holder](gen uint64) *node[R] {
	n := newLeaf[R](gen)
	n.kids = make([]*node[R], 0, maxSlots+2)
	n.sizes = make([]int, 0, maxSlots+2)
	return n
}

// own returns the node itself if it is of this generation, else a copy.
func (n *node[R]) own(gen uint64) *node[R] {
	if n.gen == gen {
		return n
	}
	return n.copy(gen)
}

func (n *node[R]) copy(gen uint64) *node[R] {
	c := newLeaf[R](gen)
	if n.kids != nil {
		c = newInner[R](gen)
	}
	c.slots = append(c.slots, n.slots...)
	c.kids = append(c.kids, n.kids...)
	c.sizes = append(c.sizes, n.sizes...)
	return c
}

func (n *node[R]) size() int {
	if n.kids == nil {
		return len(n.slots)
	}
	total := 0
	for _, s := range n.sizes {
		total += s
	}
	return total
}

// seek counts the slots before k, or those up to and with it.
func (n *node[R]) seek(k *key, with bool) int {
	low, high := 0, len(n.slots)
	for low < high {
		mid := int(uint(low+high) / 2)
		if c := n.slots[mid].compare(k); c < 0 || c == 0 && with {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

func (n *node[R]) before(k *key) int {
	total := 0
	for n.kids != nil {
		i := n.seek(k, true)
		for _, s := range n.sizes[:i] {
			total += s
		}
		n = n.kids[i]
	}
	return total + n.seek(k, false)
}

// walk yields the slots below, the first skip left out, until yield has
// enough.
func (n *node[R]) walk(skip int, yield func(*slot[R]) bool) bool {
	if n.kids == nil {
		for i := skip; i < len(n.slots); i++ {
			if !yield(&n.slots[i]) {
				return false
			}
		}
		return true
	}
	for i, kid := range n.kids {
		if skip >= n.sizes[i] {
			skip -= n.sizes[i]
			continue
		}
		if !kid.walk(skip, yield) {
			return false
		}
		skip = 0
	}
	return true
}

// put adds r below an owned node. One that grew too wide gives its right half
// away, and what parts the two.
func (n *node[R]) put(gen uint64, k *key, r R) (right *node[R], div slot[R]) {
	if n.kids == nil {
		n.slots = slices.Insert(n.slots, n.seek(k, false), slot[R]{k.score, k.seq, r})
	} else {
		n.putBelow(gen, k, r)
	}
	if len(n.slots) <= maxSlots {
		return nil, div
	}
	return n.split(gen)
}

func (n *node[R]) putBelow(gen uint64, k *key, r R) {
	i := n.seek(k, true)
	kid := n.kids[i].own(gen)
	n.kids[i] = kid
	right, div := kid.put(gen, k, r)
	if right == nil {
		n.sizes[i]++
		return
	}
	n.sizes[i] = kid.size()
	n.slots = slices.Insert(n.slots, i, div)
	n.kids = slices.Insert(n.kids, i+1, right)
	n.sizes = slices.Insert(n.sizes, i+1, right.size())
}

// adopt hangs a kid behind the others.
func (n *node[R]) adopt(kid *node[R]) {
	n.kids = append(n.kids, kid)
	n.sizes = append(n.sizes, kid.size())
}

func (n *node[R]) split(gen uint64) (right *node[R], div slot[R]) {
	mid := len(n.slots) / 2
	div = n.slots[mid]
	if n.kids == nil {
		right = newLeaf[R](gen)
		right.slots = append(right.slots, n.slots[mid:]...)
		n.slots = slices.Delete(n.slots, mid, len(n.slots))
		return right, div
	}
	right = newInner[R](gen)
	right.slots = append(right.slots, n.slots[mid+1:]...)
	right.kids = append(right.kids, n.kids[mid+1:]...)
	right.sizes = append(right.sizes, n.sizes[mid+1:]...)
	n.slots = slices.Delete(n.slots, mid, len(n.slots))
	n.kids = slices.Delete(n.kids, mid+1, len(n.kids))
	n.sizes = slices.Delete(n.sizes, mid+1, len(n.sizes))
	return right, div
}

package socket

import "github.com/musterhq/muster/protocol"

// News says what has changed of something that an owner shows to its
// connections. It has parts, each change of one is a revision, and whoever holds
// a revision is sent what has changed since. What brings the same people to the
// same state is encoded once.
type News struct {
	revision uint32
	changed  []uint32          // by part: the revision in which it last changed
	encoded  map[uint32][]byte // of this revision's messages, by base
}

// NewNews returns the News of so many parts, all of them new in revision 1.
func NewNews(parts int) News {
	n := News{revision: 1, changed: make([]uint32, parts), encoded: make(map[uint32][]byte)}
	for i := range n.changed {
		n.changed[i] = 1
	}
	return n
}

// Revision is the latest.
func (n *News) Revision() uint32 { return n.revision }

// Touch notes that a part has changed. Parts that were not there begin.
func (n *News) Touch(part int) {
	n.revision++
	for len(n.changed) <= part {
		n.changed = append(n.changed, n.revision)
	}
	n.changed[part] = n.revision
	n.Forget()
}

// Since says whether a part has changed since a revision; 0 is nothing at all.
func (n *News) Since(part int, base uint32) bool { return n.changed[part] > base }

// Forget has what was encoded made anew, for a change that is no news.
func (n *News) Forget() { clear(n.encoded) }

// Message is what brings somebody from a revision to the latest, in bytes that
// nobody may change.
func (n *News) Message(base uint32, since func(base uint32) protocol.Control) []byte {
	b, ok := n.encoded[base]
	if !ok {
		b = protocol.Append(nil, since(base))
		n.encoded[base] = b
	}
	return b
}

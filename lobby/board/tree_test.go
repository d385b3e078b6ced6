package board

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTree: trees of three levels, through growth, decay and freezing, hold
// what a sorted slice holds; what was frozen stays as it was.
func TestTree(t *testing.T) {
	for seed := range uint64(4) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		var tr tree[*row]
		var want []key
		var kept grove[*row]
		var wantKept []key
		for step := range 12_000 {
			k := key{rnd.Int64N(5000), rnd.Uint64N(3), player(rnd.IntN(9))}
			i, there := slices.BinarySearchFunc(want, k, compareKeys)
			shrinks := step%6_000 > 4200
			switch {
			case there && (shrinks || rnd.IntN(3) == 0):
				want = slices.Delete(want, i, i+1)
				mustRemove(t, &tr, k)
			case there:
				if !tr.replace(k, &row{Row{Player: k.id}, k.seq}) {
					t.Fatal("replaced nothing")
				}
			case shrinks && len(want) > 0:
				i = rnd.IntN(len(want))
				mustRemove(t, &tr, want[i])
				want = slices.Delete(want, i, i+1)
			default:
				want = slices.Insert(want, i, k)
				tr.insert(k, &row{Row{Player: k.id}, k.seq})
			}
			if step%2000 == 1999 {
				same(t, tr.grove, want)
				same(t, kept, wantKept)
				kept, wantKept = tr.freeze(), slices.Clone(want)
			}
		}
		for _, k := range want {
			mustRemove(t, &tr, k)
		}
		same(t, tr.grove, nil)
		same(t, kept, wantKept)
	}
}

// TestBuilder: a tree that is built in order is like any other afterwards.
func TestBuilder(t *testing.T) {
	for _, n := range []int{0, 1, goodSlots, goodSlots + 1, goodSlots * goodSlots, goodSlots*goodSlots + 1, 9000} {
		var in builder[*row]
		var want []key
		for i := range n {
			k := key{int64(-i), 0, player(i)}
			want = append(want, k)
			if !in.add(k, &row{Row: Row{Player: k.id}}) {
				t.Fatal("in order, and refused")
			}
			if in.add(k, &row{Row: Row{Player: k.id}}) {
				t.Fatal("twice the same")
			}
		}
		tr := in.tree()
		same(t, tr.grove, want)
		tr.freeze()
		rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { want[i], want[j] = want[j], want[i] })
		for i, k := range want {
			mustRemove(t, &tr, k)
			if tr.len() != n-i-1 {
				t.Fatalf("%d left, want %d", tr.len(), n-i-1)
			}
		}
	}
}

func mustRemove(t *testing.T, tr *tree[*row], k key) {
	t.Helper()
	if !tr.remove(k) {
		t.Fatalf("%v is gone", k)
	}
	if tr.remove(k) || tr.replace(k, new(row)) {
		t.Fatalf("%v is still there", k)
	}
}

func compareKeys(a, b key) int {
	return (&slot[*row]{a.score, a.seq, &row{Row: Row{Player: a.id}}}).compare(&b)
}

func same(t *testing.T, g grove[*row], want []key) {
	t.Helper()
	var got []key
	for s := range g.from(0) {
		if n := g.before(s.key()); n != len(got) {
			t.Fatalf("%d before %v, want %d", n, s.key(), len(got))
		}
		got = append(got, s.key())
	}
	if !slices.Equal(got, want) || g.len() != len(want) {
		t.Fatalf("%d slots of %d are not the %d wanted", len(got), g.len(), len(want))
	}
	for skip := 0; skip < len(want); skip += 1 + len(want)/7 {
		for s := range g.from(skip) {
			if s.key() != want[skip] {
				t.Fatalf("at %d: %v, want %v", skip, s.key(), want[skip])
			}
			break
		}
	}
}

func (s *slot[R]) key() key { return key{s.score, s.seq, s.r.holds()} }

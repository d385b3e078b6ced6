package game

import "math/bits"

// Rand is chance that belongs to the state: 64 bits, stepped by a fixed rule
// (SplitMix64, Steele, Lea and Flood 2014), so that whoever continues from a
// saved state draws the same numbers.
type Rand uint64

// Next returns the next 64 random bits.
func (r *Rand) Next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// N returns a number in [0, n). It panics if n < 1.
func (r *Rand) N(n int32) int32 {
	if n < 1 {
		panic("game: Rand.N of a number below 1")
	}
	hi, _ := bits.Mul64(r.Next(), uint64(n))
	return int32(hi)
}

// Between returns a number in [lo, hi]. It panics if hi < lo.
func (r *Rand) Between(lo, hi int32) int32 {
	if hi < lo {
		panic("game: Rand.Between of an empty range")
	}
	span, _ := bits.Mul64(r.Next(), uint64(int64(hi)-int64(lo))+1)
	return int32(int64(lo) + int64(span))
}

package game

// This file is what rules need of geometry, in whole numbers that are the same
// in any language with 32-bit integers. Directions are in 256ths of a turn: 0 is
// right, 64 down, 128 left.

// quarterSine is 16384 * sin of 0..64 256ths of a turn.
var quarterSine = [65]int32{
	0, 402, 804, 1205, 1606, 2006, 2404, 2801, 3196, 3590, 3981, 4370, 4756,
	5139, 5520, 5897, 6270, 6639, 7005, 7366, 7723, 8076, 8423, 8765, 9102, 9434,
	9760, 10080, 10394, 10702, 11003, 11297, 11585, 11866, 12140, 12406, 12665, 12916, 13160,
	13395, 13623, 13842, 14053, 14256, 14449, 14635, 14811, 14978, 15137, 15286, 15426, 15557,
	15679, 15791, 15893, 15986, 16069, 16143, 16207, 16261, 16305, 16340, 16364, 16379, 16384,
}

// octantTangent is 16384 * tan of 0..32 256ths of a turn.
var octantTangent = [33]int32{
	0, 402, 805, 1209, 1614, 2021, 2430, 2843, 3259, 3679, 4104, 4534, 4970, 5413, 5862, 6320, 6786,
	7263, 7749, 8247, 8757, 9281, 9820, 10375, 10947, 11539, 12151, 12786, 13446, 14133, 14850, 15599, 16384,
}

// Sin returns 16384 times the sine of a direction, of which only the low
// eight bits count. Positive is down the map.
func Sin(a int32) int32 {
	q := a & 63
	switch a >> 6 & 3 {
	case 0:
		return quarterSine[q]
	case 1:
		return quarterSine[64-q]
	case 2:
		return -quarterSine[q]
	}
	return -quarterSine[64-q]
}

// Cos returns 16384 times the cosine of a direction. Positive is right.
func Cos(a int32) int32 { return Sin(a + 64) }

// Along scales a sine by a length below 2^17, to the nearest unit.
func Along(sine, length int32) int32 { return (sine*length + 8192) >> 14 }

// Heading returns the direction of a vector, to the nearest 256th; its parts
// must stay below 2^17.
func Heading(dx, dy int32) int32 {
	ax, ay := max(dx, -dx), max(dy, -dy)
	long, short := max(ax, ay), min(ax, ay)
	if long == 0 {
		return 0
	}
	a := octantAngle(short * 16384 / long)
	if ay > ax {
		a = 64 - a
	}
	if dx < 0 {
		a = 128 - a
	}
	if dy < 0 {
		a = -a
	}
	return a & 255
}

// octantAngle returns the angle whose tangent is nearest to t, 0..16384.
func octantAngle(t int32) int32 {
	lo, hi := int32(0), int32(32)
	for hi-lo > 1 {
		if mid := (lo + hi) >> 1; octantTangent[mid] <= t {
			lo = mid
		} else {
			hi = mid
		}
	}
	if t-octantTangent[lo] > octantTangent[hi]-t {
		return hi
	}
	return lo
}

// Turn returns the shortest way from one direction to another, -128..127.
func Turn(from, to int32) int32 { return int32(int8(to - from)) }

// Root returns the whole square root of v, which may not be negative.
func Root(v int32) int32 {
	r := int32(0)
	for bit := int32(1) << 30; bit != 0; bit >>= 2 {
		if v >= r+bit {
			v -= r + bit
			r = r>>1 + bit
		} else {
			r >>= 1
		}
	}
	return r
}

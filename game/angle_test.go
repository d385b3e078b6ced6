package game

import "testing"

func TestHeadingFollowsSine(t *testing.T) {
	for a := range int32(256) {
		if got := Heading(Along(Cos(a), 4000), Along(Sin(a), 4000)); got != a {
			t.Errorf("heading of %d is %d", a, got)
		}
	}
}

func TestRoot(t *testing.T) {
	for _, v := range []int32{0, 1, 2, 3, 4, 15, 16, 17, 2303, 2304, 1<<31 - 1} {
		if r := int64(Root(v)); r*r > int64(v) || (r+1)*(r+1) <= int64(v) {
			t.Errorf("root of %d is %d", v, r)
		}
	}
}

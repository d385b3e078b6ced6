package rating

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// solo is a side of one.
func solo(rank int, r Rating) Side { return Side{Rank: rank, Players: []Player{{Rating: r}}} }

// anyRating is somebody's after some matches.
func anyRating(rng *rand.Rand) Rating {
	return Rating{Mu: 10 + 30*rng.Float64(), Sigma: 1 + 7*rng.Float64(), Matches: rng.IntN(100), Last: noon}
}

// anyMatch has two to five sides of one to four.
func anyMatch(rng *rand.Rand) []Side {
	sides := make([]Side, 2+rng.IntN(4))
	for i := range sides {
		sides[i].Rank = rng.IntN(4)
		for range 1 + rng.IntN(4) {
			sides[i].Players = append(sides[i].Players, Player{Rating: anyRating(rng)})
		}
	}
	return sides
}

// each tries a property on many matches.
func each(t *testing.T, try func(rng *rand.Rand)) {
	t.Helper()
	for seed := range uint64(500) {
		try(rand.New(rand.NewPCG(seed, 1)))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestAgainstOpenSkill: the file holds what the JavaScript library (5.0.1,
// plackettLuce, tau 25/300) gives for matches of all shapes, with draws.
func TestAgainstOpenSkill(t *testing.T) {
	text, err := os.ReadFile("testdata/openskill.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		Ranks         []int
		Before, After [][][2]float64 // mu, sigma by side and player
	}
	if err := json.Unmarshal(text, &golden); err != nil || len(golden) < 40 {
		t.Fatal(len(golden), err)
	}
	for n, g := range golden {
		sides := make([]Side, len(g.Ranks))
		for i := range sides {
			sides[i].Rank = g.Ranks[i]
			for _, p := range g.Before[i] {
				sides[i].Players = append(sides[i].Players, Player{Rating: Rating{Mu: p[0], Sigma: p[1]}})
			}
		}
		got, _ := Default.Update(sides, noon)
		for i := range sides {
			for j, want := range g.After[i] {
				if !near(got[i][j].Mu, want[0]) || !near(got[i][j].Sigma, Default.bound(want[1])) {
					t.Errorf("match %d, side %d, player %d: got %v, want %v", n, i, j, got[i][j], want)
				}
			}
		}
	}
}

func TestWhoWinsNeverLosesAndWhoIsLastNeverGains(t *testing.T) {
	each(t, func(rng *rand.Rand) {
		sides := anyMatch(rng)
		best, worst := rng.IntN(len(sides)), rng.IntN(len(sides))
		sides[worst].Rank, sides[best].Rank = 9, -9
		after, _ := Default.Update(sides, noon)
		for j, p := range sides[best].Players {
			if after[best][j].Mu <= p.Rating.Mu {
				t.Errorf("won: %v became %v", p.Rating, after[best][j])
			}
		}
		for j, p := range sides[worst].Players {
			if worst != best && after[worst][j].Mu >= p.Rating.Mu {
				t.Errorf("lost: %v became %v", p.Rating, after[worst][j])
			}
		}
	})
}

func TestOrderOfSidesAndPlayersDoesNotMatter(t *testing.T) {
	each(t, func(rng *rand.Rand) {
		sides := anyMatch(rng)
		for i := range sides {
			sides[i].Bots = rng.IntN(2)
			sides[i].Players[0].Left = rng.IntN(4) == 0
		}
		after, _ := Default.Update(sides, noon)
		same, _ := Default.Update(sides, noon)
		turned := slices.Clone(sides)
		slices.Reverse(turned)
		for i := range turned {
			turned[i].Players = slices.Clone(turned[i].Players)
			slices.Reverse(turned[i].Players)
		}
		back, _ := Default.Update(turned, noon)
		slices.Reverse(back)
		for i := range after {
			slices.Reverse(back[i])
			for j, want := range after[i] {
				if same[i][j] != want {
					t.Errorf("the same twice: %v and %v", want, same[i][j])
				}
				if got := back[i][j]; !near(got.Mu, want.Mu) || !near(got.Sigma, want.Sigma) {
					t.Errorf("in another order: %v and %v", got, want)
				}
			}
		}
	})
}

func TestEqualsAreSymmetric(t *testing.T) {
	each(t, func(rng *rand.Rand) {
		r := anyRating(rng)
		won, _ := Default.Update([]Side{solo(1, r), solo(2, r)}, noon)
		up, down := won[0][0].Mu-r.Mu, r.Mu-won[1][0].Mu
		if !near(up, down) || up <= 0 || won[0][0].Sigma != won[1][0].Sigma {
			t.Errorf("%v: up %v, down %v", r, up, down)
		}
		drew, _ := Default.Update([]Side{solo(1, r), solo(1, r), solo(1, r)}, noon)
		for i := range drew {
			if !near(drew[i][0].Mu, r.Mu) {
				t.Errorf("a draw of equals moved %v to %v", r, drew[i][0])
			}
		}
	})
}

func TestADrawDrawsTogether(t *testing.T) {
	each(t, func(rng *rand.Rand) {
		a, b := anyRating(rng), anyRating(rng)
		if a.Mu < b.Mu {
			a, b = b, a
		}
		after, _ := Default.Update([]Side{solo(1, a), solo(1, b)}, noon)
		if after[0][0].Mu > a.Mu || after[1][0].Mu < b.Mu {
			t.Errorf("%v and %v drew: %v", a, b, after)
		}
	})
}

func TestSurpriseCountsMore(t *testing.T) {
	each(t, func(rng *rand.Rand) {
		r, weak := anyRating(rng), anyRating(rng)
		strong := weak
		strong.Mu += 1 + rng.Float64()*10
		expected, _ := Default.Update([]Side{solo(1, r), solo(2, weak)}, noon)
		surprise, _ := Default.Update([]Side{solo(1, r), solo(2, strong)}, noon)
		if surprise[0][0].Mu <= expected[0][0].Mu {
			t.Errorf("%v won %v from %v, %v from %v", r, surprise[0][0], strong, expected[0][0], weak)
		}
	})
}

func TestSigmaKeepsItsBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	a, b := Default.Newcomer(), Default.Newcomer()
	for n := range 5000 {
		after, _ := Default.Update([]Side{solo(rng.IntN(2), a), solo(rng.IntN(2), b)}, noon.Add(time.Duration(n)*time.Minute))
		a, b = after[0][0], after[1][0]
		for _, r := range []Rating{a, b} {
			if r.Sigma < Default.cfg.Least || r.Sigma > Default.cfg.Sigma {
				t.Fatalf("after %d matches: %v", n, r)
			}
		}
	}
	if a.Matches != 5000 || a.Sigma > 3 {
		t.Errorf("got %v, want one known well by now", a)
	}
}

func TestBotsAreLeftOut(t *testing.T) {
	r := Rating{Mu: 30, Sigma: 3, Last: noon}
	for what, sides := range map[string][]Side{
		"nobody":          nil,
		"one side":        {solo(1, r)},
		"against bots":    {solo(1, r), {Rank: 2, Bots: 3}},
		"bots everywhere": {{Bots: 1}, {Bots: 1}},
	} {
		after, counted := Default.Update(sides, noon.Add(time.Hour))
		if counted || len(after) != len(sides) {
			t.Errorf("%s: counted %v, %v", what, counted, after)
		}
		for i := range sides {
			if len(sides[i].Players) > 0 && after[i][0] != r {
				t.Errorf("%s: %v became %v", what, r, after[i][0])
			}
		}
	}
	plain, _ := Default.Update([]Side{solo(1, r), solo(2, r)}, noon)
	third, _ := Default.Update([]Side{solo(1, r), {Rank: 2, Bots: 1}, solo(2, r)}, noon)
	if plain[0][0] != third[0][0] || plain[1][0] != third[2][0] {
		t.Errorf("a side of bots changed %v to %v", plain, third)
	}
	duo := func(rank, bots int) Side { s := solo(rank, r); s.Bots = bots; return s }
	mixed, _ := Default.Update([]Side{duo(1, 1), duo(2, 1)}, noon)
	if up := mixed[0][0].Mu - r.Mu; up <= 0 || up >= plain[0][0].Mu-r.Mu {
		t.Errorf("with a bot each the winner got %v, without %v", up, plain[0][0].Mu-r.Mu)
	}
}

func TestLeavers(t *testing.T) {
	r := Rating{Mu: 25, Sigma: 4, Last: noon}
	team := func(rank int, left ...bool) (s Side) {
		s.Rank = rank
		for _, l := range left {
			s.Players = append(s.Players, Player{r, l})
		}
		return s
	}
	all, _ := Default.Update([]Side{team(1, false, false), team(2, false, false)}, noon)
	loss := r.Mu - all[1][0].Mu

	got, _ := Default.Update([]Side{team(1, false, false), team(2, false, true)}, noon)
	if mate, leaver := r.Mu-got[1][0].Mu, r.Mu-got[1][1].Mu; mate <= 0 || mate > loss/2 || !near(leaver, loss) {
		t.Errorf("lost: mate %v, leaver %v, otherwise %v", mate, leaver, loss)
	}
	got, _ = Default.Update([]Side{team(2, false, false), team(1, false, true)}, noon)
	if mate, leaver := got[1][0].Mu-r.Mu, r.Mu-got[1][1].Mu; mate <= loss || !near(leaver, loss) {
		t.Errorf("won: mate %v, leaver %v, otherwise %v", mate, leaver, loss)
	}
	got, _ = Default.Update([]Side{team(2, false), team(1, true)}, noon)
	want, _ := Default.Update([]Side{team(1, false), team(2, false)}, noon)
	if got[0][0] != want[0][0] || got[1][0] != want[1][0] {
		t.Errorf("who leaves a duel: %v, want %v", got, want)
	}
	got, _ = Default.Update([]Side{team(1, true), team(2, true), team(3, false)}, noon)
	if got[0][0] != got[1][0] || got[2][0].Mu <= r.Mu {
		t.Errorf("two left, one stayed: %v", got)
	}
}

func TestAbsence(t *testing.T) {
	r := Rating{Mu: 35, Sigma: 2, Matches: 50, Last: noon}
	last := r.Sigma
	for days := range 400 {
		got := Default.At(r, noon.AddDate(0, 0, days))
		if got.Mu != r.Mu || got.Last != r.Last || got.Sigma < last || got.Sigma > Default.cfg.Sigma {
			t.Fatalf("after %d days: %v", days, got)
		}
		last = got.Sigma
	}
	if last != Default.cfg.Sigma {
		t.Errorf("after 400 days: sigma %v", last)
	}
	if got := Default.At(r, noon.Add(-time.Hour)); got != r {
		t.Errorf("before the match: %v", got)
	}
	if got := Default.At(Rating{}, noon); got != Default.Newcomer() {
		t.Errorf("never rated: %v", got)
	}
}

func TestSeason(t *testing.T) {
	good, bad := Rating{Mu: 40, Sigma: 1, Matches: 99, Last: noon}, Rating{Mu: 10, Sigma: 8, Matches: 9, Last: noon}
	g, b := Default.Season(good, noon), Default.Season(bad, noon)
	if g.Mu != 32.5 || b.Mu != 17.5 || g.Matches != 0 || g.Sigma < 4 || b.Sigma > Default.cfg.Sigma || g.Last != noon {
		t.Errorf("got %v and %v", g, b)
	}
}

func TestPoints(t *testing.T) {
	for _, test := range []struct {
		r    Rating
		want int
	}{
		{Rating{}, 0}, {Default.Newcomer(), 0}, {Rating{Mu: 25, Sigma: 1}, 2200}, {Rating{Mu: 40, Sigma: 2}, 3400},
		{Rating{Mu: 90, Sigma: 1}, MaxPoints}, {Rating{Mu: -90, Sigma: 1}, 0}, {Rating{Mu: math.NaN(), Sigma: 1}, 0},
	} {
		if got := Default.Points(test.r); got != test.want {
			t.Errorf("%v: %d points, want %d", test.r, got, test.want)
		}
	}
	if got := Default.Skill(Rating{}); got != MaxPoints/2 {
		t.Errorf("a newcomer's skill: %v", got)
	}
}

func TestChances(t *testing.T) {
	each(t, func(rng *rand.Rand) {
		sides := append(anyMatch(rng), Side{Bots: 2})
		sum := 0.
		for i, c := range Default.Chances(sides, noon) {
			if sum += c; !(c >= 0 && c <= 1) || i == len(sides)-1 && c != 0 {
				t.Errorf("side %d has %v", i, c)
			}
		}
		if !near(sum, 1) {
			t.Errorf("chances sum up to %v", sum)
		}
	})
	better := Rating{Mu: 25 + Default.cfg.Beta, Sigma: Default.cfg.Least}
	c := Default.Chances([]Side{solo(1, better), solo(1, Rating{Mu: 25, Sigma: Default.cfg.Least})}, noon)
	if c[0] < .65 || c[0] > .68 {
		t.Errorf("better by beta wins %v", c[0])
	}
}

// TestConvergence: from nothing but results, the order of hidden skills and
// their distances come out.
func TestConvergence(t *testing.T) {
	for _, size := range []int{1, 4} {
		rng := rand.New(rand.NewPCG(7, uint64(size)))
		skill, believed := make([]float64, 200), make([]Rating, 200)
		for i := range skill {
			skill[i] = 25 + rng.NormFloat64()*25/3
		}
		for n := range 200 * 60 / size {
			play(rng, skill, believed, size, noon.Add(time.Duration(n)*time.Minute))
		}
		if got := correlation(skill, believed); got < .96 {
			t.Errorf("teams of %d: the correlation of skill and rating %v", size, got)
		}
		if got := within(skill, believed, 3); got < .97 {
			t.Errorf("teams of %d: %v of the skills lie within 3 sigma", size, got)
		}
	}
}

func play(rng *rand.Rand, skill []float64, believed []Rating, size int, at time.Time) {
	who := rng.Perm(len(skill))[:2*size]
	sides := make([]Side, 2)
	sum := [2]float64{}
	for i, p := range who {
		sum[i%2] += skill[p]
		sides[i%2].Players = append(sides[i%2].Players, Player{Rating: believed[p]})
	}
	if rng.Float64() < 1/(1+math.Exp((sum[1]-sum[0])/(math.Sqrt2*Default.cfg.Beta))) {
		sides[1].Rank = 1
	} else {
		sides[0].Rank = 1
	}
	after, _ := Default.Update(sides, at)
	for i, p := range who {
		believed[p] = after[i%2][i/2]
	}
}

func correlation(skill []float64, believed []Rating) float64 {
	var x, y, xx, yy, xy float64
	n := float64(len(skill))
	for i, s := range skill {
		mu := believed[i].Mu
		x, y, xx, yy, xy = x+s, y+mu, xx+s*s, yy+mu*mu, xy+s*mu
	}
	return (xy - x*y/n) / math.Sqrt((xx-x*x/n)*(yy-y*y/n))
}

func within(skill []float64, believed []Rating, sigmas float64) float64 {
	n := 0
	for i, s := range skill {
		if math.Abs(s-believed[i].Mu) < sigmas*believed[i].Sigma {
			n++
		}
	}
	return float64(n) / float64(len(skill))
}

func TestConfig(t *testing.T) {
	for _, bad := range []Config{{Mu: -1}, {Sigma: math.NaN()}, {Beta: math.Inf(1)}, {Tau: -1}, {Least: 9, Sigma: 8}, {Forget: -1}, {Keep: 2}} {
		if _, err := New(bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	m, err := New(Config{Mu: 1500, Sigma: 350})
	if err != nil {
		t.Fatal(err)
	}
	after, _ := m.Update([]Side{solo(1, m.Newcomer()), solo(2, m.Newcomer())}, noon)
	if after[0][0].Mu < 1550 || after[1][0].Mu > 1450 {
		t.Errorf("got %v", after)
	}
}

// FuzzUpdate: whatever comes, numbers stay numbers.
func FuzzUpdate(f *testing.F) {
	f.Add(25., 8., 30., 2., int8(1), int8(2), uint8(0b01_01_10))
	f.Add(math.NaN(), math.Inf(1), -math.MaxFloat64, -1., int8(0), int8(0), uint8(0xff))
	f.Add(1e6, 1e-300, -1e6, 1e300, int8(127), int8(-128), uint8(0x1c))
	f.Fuzz(func(t *testing.T, mu1, sigma1, mu2, sigma2 float64, rank1, rank2 int8, shape uint8) {
		a, b := Rating{Mu: mu1, Sigma: sigma1}, Rating{Mu: mu2, Sigma: sigma2, Last: noon.Add(-time.Hour)}
		var sides []Side
		for i := range int(shape & 3) {
			s := Side{Rank: int(rank1) + i, Bots: int(rank2)}
			for j := range int(shape >> 2 & 3) {
				s.Players = append(s.Players, Player{a, shape>>4&1 == 1 && j > 0}, Player{b, shape>>5&1 == 1})
			}
			sides = append(sides, s)
		}
		sides = append(sides, solo(int(rank2), b))
		after, _ := Default.Update(sides, noon)
		Default.Chances(sides, noon)
		for i := range after {
			for _, r := range after[i] {
				r = Default.At(r, noon)
				if math.IsNaN(r.Mu) || math.Abs(r.Mu) > far || !(r.Sigma >= Default.cfg.Least && r.Sigma <= Default.cfg.Sigma) {
					t.Fatalf("%v", r)
				}
			}
		}
	})
}

func BenchmarkUpdate(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for name, shape := range map[string][2]int{"1v1": {2, 1}, "4v4": {2, 4}, "ffa1000": {1000, 1}} {
		sides := make([]Side, shape[0])
		for i := range sides {
			sides[i].Rank = i
			for range shape[1] {
				sides[i].Players = append(sides[i].Players, Player{Rating: anyRating(rng)})
			}
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Default.Update(sides, noon)
			}
		})
	}
}

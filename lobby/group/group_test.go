package group_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	. "github.com/musterhq/muster/lobby/group"
	"github.com/musterhq/muster/lobby/grouptest"
)

var noon = grouptest.Noon

// curve is like what a mode would have.
var curve = []Window{{0, 100, 60}, {10 * time.Second, 200, 90}, {30 * time.Second, 500, 150}, {time.Minute, 1200, 250}}

var (
	duel    = Rules{Teams: 2, TeamSize: 1, Widen: curve, Regions: 4}
	teams4  = Rules{Teams: 2, TeamSize: 4, Widen: curve, Regions: 4}
	freeFor = Rules{TeamSize: 8, MinPlayers: 2, FillAfter: 20 * time.Second, Bots: true, Widen: curve, Regions: 4}
	three   = Rules{Teams: 3, TeamSize: 3, MinPlayers: 4, FillAfter: 15 * time.Second, Widen: curve, Regions: 4, PartyBonus: 30}
)

// A scene is all that Form is given.
type scene struct {
	rules   Rules
	tickets []Ticket
	matches []Match
	now     time.Time
}

func (s *scene) form() Result { return Form(s.rules, s.tickets, s.matches, s.now) }

// anyScene has some of everything.
func anyScene(rng *rand.Rand) (s scene) {
	s.now = noon
	s.rules = []Rules{duel, teams4, freeFor, three}[rng.IntN(4)]
	s.rules.Patience = time.Duration(rng.IntN(2)) * 20 * time.Second
	c := grouptest.Crowd{Players: 1 + rng.IntN(300), Largest: 1 + rng.IntN(s.rules.TeamSize), Wait: time.Duration(rng.IntN(90)) * time.Second, Normal: rng.IntN(2) == 0, Regions: 4}
	s.tickets = c.Tickets(rng)
	for i := range s.tickets {
		t := &s.tickets[i]
		t.Fresh = rng.IntN(3) == 0
		if rng.IntN(3) == 0 {
			t.Shuns = []uint64{uint64(1 + rng.IntN(4)), uint64(1 + rng.IntN(4))}
		}
		if rng.IntN(3) == 0 {
			t.Props = "map=b"
		}
		if rng.IntN(20) == 0 {
			t.Members[0].Pings = nil
		}
	}
	for range rng.IntN(4) {
		s.matches = append(s.matches, s.anyMatch(rng, c))
	}
	rng.Shuffle(len(s.tickets), func(i, j int) { s.tickets[i], s.tickets[j] = s.tickets[j], s.tickets[i] })
	return s
}

func (s *scene) anyMatch(rng *rand.Rand, c grouptest.Crowd) Match {
	r := c.Rating(rng)
	m := Match{ID: uint64(len(s.matches) + 1), Since: noon.Add(-time.Duration(rng.IntN(60)) * time.Second), Region: rng.IntN(4), Low: r - 50, High: r + 50}
	for range max(s.rules.Teams, 1) {
		free := rng.IntN(s.rules.TeamSize + 1)
		m.Teams = append(m.Teams, Team{Players: s.rules.TeamSize - free, Rating: r, Free: free})
	}
	return m
}

// each tries a property on many scenes.
func each(t *testing.T, try func(t *testing.T, s scene, rng *rand.Rand)) {
	t.Helper()
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 2))
		try(t, anyScene(rng), rng)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// A checker finds what is wrong with a result.
type checker struct {
	*scene
	seen map[int]bool
	t    *testing.T
}

func check(t *testing.T, s *scene, got Result) {
	t.Helper()
	c := checker{s, map[int]bool{}, t}
	for _, g := range got.Groups {
		c.group(g)
	}
	for _, j := range got.Joins {
		c.join(j)
	}
	for _, w := range got.Waiting {
		c.once(w.Ticket)
		if w.Reason == 0 || w.InRange < 0 {
			t.Errorf("waits: %+v", w)
		}
	}
	if len(c.seen) != len(s.tickets) {
		t.Errorf("%d of %d tickets are accounted for", len(c.seen), len(s.tickets))
	}
	if !slices.IsSortedFunc(got.Waiting, func(a, b Waiting) int { return s.tickets[a.Ticket].Since.Compare(s.tickets[b.Ticket].Since) }) {
		t.Error("who waits is not in order")
	}
}

// once: no ticket is in two groups.
func (c checker) once(ticket int) {
	if c.seen[ticket] {
		c.t.Errorf("ticket %d twice", ticket)
	}
	c.seen[ticket] = true
}

func (c checker) group(g Group) {
	players := 0
	for _, team := range g.Teams {
		n := 0
		for _, i := range team {
			c.once(i)
			n += len(c.tickets[i].Members)
		}
		if players += n; n > c.rules.TeamSize || g.Why.Kind == Full && n != c.rules.TeamSize {
			c.t.Errorf("%d players in a team: %+v", n, g)
		}
	}
	all := slices.Concat(g.Teams...)
	c.windows(all, g.Region)
	c.means(g)
	short := g.Why.Kind == Short && g.Why.Oldest >= c.rules.FillAfter && players < c.rules.Seats()
	if players != g.Players || g.Why.Kind != Full && !short || players < cmp.Or(c.rules.MinPlayers, c.rules.Seats()) {
		c.t.Errorf("%d players: %+v", players, g)
	}
	if bots := c.rules.Seats() - players; c.rules.Bots && g.Bots != bots || !c.rules.Bots && g.Bots != 0 {
		c.t.Errorf("%d bots: %+v", bots, g)
	}
}

// windows: nobody is put together with somebody out of his window, or into a
// region too far.
func (c checker) windows(all []int, region int) {
	for _, i := range all {
		t := &c.tickets[i]
		if !grouptest.Accepts(c.rules, t, region, c.now) {
			c.t.Errorf("ticket %+v in region %d", *t, region)
		}
		gap := orAny(c.rules.Window(c.now.Sub(t.Since)).Gap) + 1e-6
		for _, j := range all {
			if u := &c.tickets[j]; math.Abs(c.rules.Rating(t)-c.rules.Rating(u)) > gap || t.Props != u.Props {
				c.t.Errorf("%+v meets %+v", *t, *u)
			}
		}
	}
}

// orAny makes the zero that means anything a number to compare with.
func orAny(gap float64) float64 { return cmp.Or(gap, math.Inf(1)) }

// means: no two teams are farther apart than any ticket accepts.
func (c checker) means(g Group) {
	var means []float64
	least := math.Inf(1)
	for _, team := range g.Teams {
		sum, n := 0., 0.
		for _, i := range team {
			size := float64(len(c.tickets[i].Members))
			sum, n = sum+c.rules.Rating(&c.tickets[i])*size, n+size
			least = min(least, orAny(c.rules.Window(c.now.Sub(c.tickets[i].Since)).Gap))
		}
		if n > 0 {
			means = append(means, sum/n)
		}
	}
	apart := slices.Max(means) - slices.Min(means)
	if c.rules.Teams > 1 && apart > least+1e-6 || c.rules.Teams > 1 && math.Abs(apart-g.Why.Gap) > 1e-6 || orAny(g.Why.Window.Gap) != least {
		c.t.Errorf("teams %v apart, the narrowest window is %v: %+v", apart, least, g)
	}
}

func (c checker) join(j Join) {
	m := &c.matches[j.Match]
	c.windows(j.Tickets, m.Region)
	n := 0
	for _, i := range j.Tickets {
		c.once(i)
		t := &c.tickets[i]
		r, gap := c.rules.Rating(t), orAny(c.rules.Window(c.now.Sub(t.Since)).Gap)+1e-6
		if n += len(t.Members); t.Fresh || slices.Contains(t.Shuns, m.ID) || t.Props != m.Props || m.High-r > gap || r-m.Low > gap {
			c.t.Errorf("ticket %+v in match %+v", *t, m)
		}
	}
	if n == 0 || n > m.Teams[j.Team].Free || j.Why.Kind != Backfill {
		c.t.Errorf("%d players join: %+v, %+v", n, j, m)
	}
}

func TestNobodysWindowIsBroken(t *testing.T) {
	groups, shorts, joins := 0, 0, 0
	each(t, func(t *testing.T, s scene, _ *rand.Rand) {
		got := s.form()
		check(t, &s, got)
		joins += len(got.Joins)
		for _, g := range got.Groups {
			groups++
			if g.Why.Kind == Short {
				shorts++
			}
		}
	})
	if groups < 1000 || shorts < 100 || joins < 50 {
		t.Errorf("only %d groups, %d short ones, %d joins: that tried little", groups, shorts, joins)
	}
}

// named is a result with IDs in place of indexes, to compare.
func (s *scene) named(r Result) (lines []string) {
	id := func(all []int) (ids []uint64) {
		for _, i := range all {
			ids = append(ids, s.tickets[i].ID)
		}
		return ids
	}
	for _, g := range r.Groups {
		line := fmt.Sprint("group ", g.Players, g.Bots, g.Region, g.Why)
		for _, team := range g.Teams {
			line += fmt.Sprint(id(team))
		}
		lines = append(lines, line)
	}
	for _, j := range r.Joins {
		lines = append(lines, fmt.Sprint("join ", s.matches[j.Match].ID, j.Team, id(j.Tickets), j.Why))
	}
	for _, w := range r.Waiting {
		lines = append(lines, fmt.Sprint("waiting ", id([]int{w.Ticket}), w.Window, w.InRange, w.Reason))
	}
	return lines
}

func TestOrderOfInputDoesNotMatter(t *testing.T) {
	each(t, func(t *testing.T, s scene, rng *rand.Rand) {
		want := s.named(s.form())
		if again := s.named(s.form()); !slices.Equal(again, want) {
			t.Errorf("again: %q, want %q", again, want)
		}
		rng.Shuffle(len(s.tickets), func(i, j int) { s.tickets[i], s.tickets[j] = s.tickets[j], s.tickets[i] })
		rng.Shuffle(len(s.matches), func(i, j int) { s.matches[i], s.matches[j] = s.matches[j], s.matches[i] })
		if got := s.named(s.form()); !slices.Equal(got, want) {
			t.Errorf("shuffled: %q, want %q", got, want)
		}
	})
}

func TestInputIsOnlyRead(t *testing.T) {
	each(t, func(t *testing.T, s scene, rng *rand.Rand) {
		before := scene{s.rules, slices.Clone(s.tickets), slices.Clone(s.matches), s.now}
		for i := range before.matches {
			before.matches[i].Teams = slices.Clone(s.matches[i].Teams)
		}
		s.form()
		if !reflect.DeepEqual(s, before) {
			t.Error("the input was changed")
		}
	})
}

// player is a ticket of one.
func player(id uint64, rating float64, came time.Duration) Ticket {
	return Ticket{ID: id, Since: noon.Add(came), Members: []Member{{Rating: rating}}}
}

func party(id uint64, rating float64, size int) Ticket {
	t := player(id, rating, 0)
	for range size - 1 {
		t.Members = append(t.Members, t.Members[0])
	}
	return t
}

// TestNobodyStarves: whoever is alone in his window gets in once it has
// widened, the window of the other being wide enough too.
func TestNobodyStarves(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 3))
		s := scene{rules: duel, tickets: []Ticket{player(1, 2000, 0), player(2, 2000+1200*rng.Float64(), 0)}}
		gap := s.tickets[1].Members[0].Rating - 2000
		for after := time.Duration(0); ; after += 250 * time.Millisecond {
			s.now = noon.Add(after)
			got := s.form()
			may := s.rules.Window(after).Gap >= gap
			if together := len(got.Groups) == 1; together != may {
				t.Fatalf("%v apart, after %v: together %v, window %v", gap, after, together, s.rules.Window(after))
			}
			if may {
				break
			}
			if w := got.Waiting[0]; w.Ticket != 0 || w.Reason != Alone || w.InRange != 0 || w.Window.After != after {
				t.Fatalf("after %v: %+v", after, w)
			}
		}
	}
}

// TestAStreamLeavesNobodyBehind: tickets come and go for minutes. Most find a
// group at once, so somebody far off meets only newcomers, with their narrow
// windows: Patience is what bounds his wait.
func TestAStreamLeavesNobodyBehind(t *testing.T) {
	for _, rules := range []Rules{duel, teams4} {
		rules.Widen = []Window{{0, 100, 100}, {time.Minute, 5000, 250}}
		without, _ := stream(t, rules)
		rules.Patience = 30 * time.Second
		with, held := stream(t, rules)
		if with > time.Minute || with > without || held > 1000 {
			t.Errorf("%d teams of %d: somebody waited for %v (%v without patience); held for %d s in all", rules.Teams, rules.TeamSize, with, without, held)
		}
	}
}

// stream lets six players a second come, and returns the longest wait and how
// many cycles somebody was held for.
func stream(t *testing.T, rules Rules) (worst time.Duration, held int) {
	rng := rand.New(rand.NewPCG(4, 4))
	s, next := scene{rules: rules}, uint64(0)
	for after := time.Duration(0); after < 5*time.Minute; after += time.Second {
		s.now = noon.Add(after)
		for _, ticket := range (grouptest.Crowd{Players: 6, Largest: min(rules.TeamSize, 3), Normal: true, Regions: 4}).Tickets(rng) {
			next++
			ticket.ID, ticket.Since = next, s.now
			s.tickets = append(s.tickets, ticket)
		}
		got := s.form()
		check(t, &s, got)
		var left []Ticket
		for _, w := range got.Waiting {
			worst = max(worst, w.Window.After)
			left = append(left, s.tickets[w.Ticket])
			if w.Reason == Held {
				held++
			}
		}
		s.tickets = left
	}
	return worst, held
}

func TestOldestChoosesFirst(t *testing.T) {
	s := scene{rules: duel, now: noon, tickets: []Ticket{
		player(1, 1000, -time.Second), player(2, 1050, -3*time.Second), player(3, 1060, -2*time.Second), player(4, 1090, 0), player(5, 1010, 0),
	}}
	got := s.form()
	if len(got.Groups) != 2 || !slices.Equal(slices.Concat(got.Groups[0].Teams...), []int{1, 2}) || !slices.Equal(slices.Concat(got.Groups[1].Teams...), []int{0, 4}) {
		t.Errorf("got %+v", got.Groups)
	}
}

func TestPartiesMeetParties(t *testing.T) {
	rules := Rules{Teams: 2, TeamSize: 4, Widen: curve}
	s := scene{rules: rules, now: noon, tickets: []Ticket{party(1, 1000, 4)}}
	for i := range 4 {
		s.tickets = append(s.tickets, player(uint64(i+2), 1000, 0))
	}
	s.tickets = append(s.tickets, party(9, 1020, 4))
	got := s.form()
	if len(got.Groups) != 1 || !slices.Equal(slices.Concat(got.Groups[0].Teams...), []int{0, 5}) || got.Groups[0].Why.Parties != 0 {
		t.Errorf("got %+v", got.Groups)
	}
	if w := got.Waiting[0]; len(got.Waiting) != 4 || w.InRange != 3 || w.Reason != Alone {
		t.Errorf("left: %+v", got.Waiting)
	}
}

func TestPartiesThatDoNotAddUpWait(t *testing.T) {
	s := scene{rules: Rules{Teams: 2, TeamSize: 4}, now: noon, tickets: []Ticket{party(1, 1, 3), party(2, 1, 3), party(3, 1, 3)}}
	if got := s.form(); len(got.Groups) != 0 || got.Waiting[0].Reason != Unsuited || got.Waiting[0].InRange != 6 {
		t.Errorf("got %+v", got)
	}
	s.tickets = append(s.tickets, player(4, 1, 0), player(5, 1, 0))
	if got := s.form(); len(got.Groups) != 1 || len(got.Waiting) != 1 || got.Groups[0].Players != 8 {
		t.Errorf("got %+v", got)
	}
}

func TestTeamsAreLevel(t *testing.T) {
	s := scene{rules: Rules{Teams: 2, TeamSize: 2}, now: noon, tickets: []Ticket{player(1, 10, 0), player(2, 20, 0), player(3, 30, 0), player(4, 40, 0)}}
	if got := s.form(); len(got.Groups) != 1 || got.Groups[0].Why.Gap != 0 || got.Groups[0].Why.Spread != 30 {
		t.Errorf("got %+v", got.Groups)
	}
}

func TestBestRegion(t *testing.T) {
	s := scene{rules: Rules{Teams: 2, TeamSize: 1, Regions: 3, Widen: curve}, now: noon, tickets: []Ticket{player(1, 1, 0), player(2, 1, 0)}}
	s.tickets[0].Members[0].Pings = []uint16{10, 50, 30}
	s.tickets[1].Members[0].Pings = []uint16{61, 20, 40}
	if got := s.form(); len(got.Groups) != 1 || got.Groups[0].Region != 2 || got.Groups[0].Why.Ping != 40 {
		t.Errorf("got %+v", got)
	}
	s.tickets[1].Members[0].Pings = []uint16{61, 0, 99}
	if got := s.form(); len(got.Groups) != 0 || got.Waiting[1].Reason != NoRegion {
		t.Errorf("got %+v", got)
	}
	s.tickets[1].Members[0].Pings = nil // not measured
	if got := s.form(); len(got.Groups) != 1 || got.Groups[0].Region != 0 || got.Groups[0].Why.Ping != 10 {
		t.Errorf("got %+v", got)
	}
}

func TestBotsAreTheLastResort(t *testing.T) {
	rules := Rules{TeamSize: 4, MinPlayers: 1, FillAfter: 10 * time.Second, Bots: true}
	for _, test := range []struct {
		players int
		after   time.Duration
		want    []int // players of each group
	}{
		{3, 9 * time.Second, nil}, {4, 0, []int{4}}, {3, 10 * time.Second, []int{3}}, {1, 10 * time.Second, []int{1}},
		{5, 10 * time.Second, []int{4, 1}}, {11, 0, []int{4, 4}},
	} {
		s := scene{rules: rules, now: noon.Add(test.after)}
		for i := range test.players {
			s.tickets = append(s.tickets, player(uint64(i), float64(i), 0))
		}
		got := s.form()
		check(t, &s, got)
		var sizes []int
		for _, g := range got.Groups {
			sizes = append(sizes, g.Players)
		}
		if !slices.Equal(sizes, test.want) {
			t.Errorf("%d players after %v: groups of %v, want %v", test.players, test.after, sizes, test.want)
		}
	}
	rules = Rules{Teams: 2, TeamSize: 4, MinPlayers: 2, Bots: true}
	s := scene{rules: rules, now: noon, tickets: []Ticket{player(1, 1, 0), player(2, 2, 0), player(3, 3, 0), player(4, 4, 0), party(5, 1, 2)}}
	got := s.form()
	if len(got.Groups) != 1 || len(got.Groups[0].Teams[0])+len(got.Groups[0].Teams[1]) != 5 || got.Groups[0].Bots != 2 {
		t.Fatalf("got %+v", got)
	}
	check(t, &s, got)
	if n := sizeOf(&s, got.Groups[0].Teams[0]); n != 3 {
		t.Errorf("six players parted into %d and %d", n, 6-n)
	}
}

func sizeOf(s *scene, team []int) (n int) {
	for _, i := range team {
		n += len(s.tickets[i].Members)
	}
	return n
}

func TestRunningMatchesAreFilledFirst(t *testing.T) {
	s := scene{rules: Rules{Teams: 2, TeamSize: 2, Widen: curve}, now: noon,
		tickets: []Ticket{player(1, 1000, 0), player(2, 1010, 0), player(3, 1020, 0), player(4, 1030, 0), player(5, 1040, 0), player(6, 3000, 0)},
		matches: []Match{
			{ID: 1, Since: noon.Add(-time.Second), Low: 1000, High: 1080, Teams: []Team{{2, 1060, 0}, {1, 1080, 1}}},
			{ID: 2, Since: noon.Add(-2 * time.Second), Low: 2000, High: 2100, Teams: []Team{{2, 2000, 0}, {1, 2100, 1}}},
			{ID: 3, Since: noon, Props: "another map", Low: 1000, High: 1000, Teams: []Team{{2, 1000, 0}, {1, 1000, 1}}},
			{ID: 4, Since: noon, Teams: []Team{{0, 0, 2}, {0, 0, 2}}}, // empty: nothing to join
			{ID: 5, Since: noon, Region: 7, Low: 1000, High: 1000, Teams: []Team{{2, 1000, 0}, {1, 1000, 1}}},
		}}
	got := s.form()
	check(t, &s, got)
	if len(got.Joins) != 1 || got.Joins[0].Match != 0 || got.Joins[0].Team != 1 || !slices.Equal(got.Joins[0].Tickets, []int{4}) {
		t.Errorf("joins: %+v", got.Joins)
	}
	if len(got.Groups) != 1 || len(got.Waiting) != 1 {
		t.Errorf("got %+v", got)
	}
	for i := range s.tickets {
		s.tickets[i].Fresh = true
	}
	if got := s.form(); len(got.Joins) != 0 {
		t.Errorf("who wants a new match joins: %+v", got.Joins)
	}
}

func TestImpossibleTicketsSayso(t *testing.T) {
	s := scene{rules: duel, now: noon, tickets: []Ticket{{ID: 1}, party(2, 1, 2), player(3, math.NaN(), 0), player(4, 1, 0)}}
	got := s.form()
	check(t, &s, got)
	for _, w := range got.Waiting {
		if want := w.Ticket != 3; (w.Reason == Impossible) != want {
			t.Errorf("ticket %d: %v", w.Ticket, w.Reason)
		}
	}
}

func TestWindow(t *testing.T) {
	for _, test := range []struct {
		after time.Duration
		gap   float64
		ping  int
	}{{0, 100, 60}, {5 * time.Second, 150, 75}, {10 * time.Second, 200, 90}, {45 * time.Second, 850, 200}, {time.Hour, 1200, 250}} {
		if got := duel.Window(test.after); got != (Window{test.after, test.gap, test.ping}) {
			t.Errorf("after %v: %+v", test.after, got)
		}
	}
	any := Rules{Widen: []Window{{0, 100, 50}, {time.Minute, 0, 0}}}
	if got := any.Window(59 * time.Second); got.Gap != 100 || got.Ping != 50 {
		t.Errorf("before there are no limits: %+v", got)
	}
	if got := any.Window(time.Minute); got.Gap != 0 || got.Ping != 0 {
		t.Errorf("without limits: %+v", got)
	}
}

func TestRules(t *testing.T) {
	for _, bad := range []Rules{
		{}, {TeamSize: -1}, {Teams: 2, TeamSize: MaxSeats}, {TeamSize: 2, MinPlayers: 3}, {TeamSize: 2, FillAfter: -1}, {TeamSize: 2, Regions: 65},
		{TeamSize: 2, PartyWeight: math.NaN()}, {TeamSize: 2, PartyBonus: -1}, {TeamSize: 2, Widen: []Window{{Gap: -1}}},
		{TeamSize: 2, Widen: []Window{{After: 1}, {After: 1}}}, {TeamSize: 2, Widen: []Window{{Gap: 2}, {After: 1, Gap: 1}}},
		{TeamSize: 2, Widen: []Window{{}, {After: 1, Ping: 1}}},
	} {
		if bad.Validate() == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	for _, good := range []Rules{duel, teams4, freeFor, three, {TeamSize: 1000}} {
		if err := good.Validate(); err != nil {
			t.Error(err)
		}
	}
}

// TestQuality holds the figures that the benchmarks report.
func TestQuality(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	tickets := grouptest.Crowd{Players: 10_000, Wait: 30 * time.Second, Regions: 4}.Tickets(rng)
	got := Form(duel, tickets, nil, noon)
	if share := meanGap(got) / grouptest.RandomGap(duel, tickets, rng); share > .1 || len(got.Groups) < 4900 {
		t.Errorf("one on one: %d groups with %v of the gap of random ones", len(got.Groups), share)
	}
	tickets = grouptest.Crowd{Players: 10_000, Largest: 4, Wait: 30 * time.Second, Regions: 4}.Tickets(rng)
	got = Form(teams4, tickets, nil, noon)
	if share := meanGap(got) / grouptest.RandomTeamGap(teams4, tickets, rng); share > .1 || len(got.Groups) < 1200 {
		t.Errorf("four on four: %d groups with %v of the gap of random ones", len(got.Groups), share)
	}
}

func meanGap(r Result) (gap float64) {
	for _, g := range r.Groups {
		gap += g.Why.Gap / float64(len(r.Groups))
	}
	return gap
}

// FuzzForm: whatever waits, each ticket is accounted for once and no window
// is broken.
func FuzzForm(f *testing.F) {
	f.Add(uint64(1), uint8(2), uint8(4), uint8(0), []byte("abcdefghijklmnopqrstuvwxyz"))
	f.Add(uint64(2), uint8(1), uint8(8), uint8(3), []byte{0, 0, 0, 255, 255, 255, 128, 1, 2, 3})
	f.Add(uint64(3), uint8(3), uint8(3), uint8(9), []byte{})
	f.Fuzz(func(t *testing.T, seed uint64, teams, size, least uint8, text []byte) {
		rng := rand.New(rand.NewPCG(seed, 5))
		s := scene{now: noon, rules: Rules{Teams: int(teams % 5), TeamSize: int(size % 40), MinPlayers: int(least), FillAfter: 5 * time.Second, Patience: time.Duration(teams/5) * time.Second, Widen: curve, Regions: int(seed % 5), Bots: seed%2 == 0}}
		if s.rules.Validate() != nil {
			return
		}
		for i, c := range text {
			s.tickets = append(s.tickets, oddTicket(uint64(i), c, rng))
		}
		if len(text) > 4 {
			s.matches = append(s.matches, s.anyMatch(rng, grouptest.Crowd{Normal: true}))
		}
		check(t, &s, s.form())
	})
}

func oddTicket(id uint64, c byte, rng *rand.Rand) Ticket {
	t := Ticket{ID: id, Since: noon.Add(-time.Duration(c) * time.Second / 4), Props: string(c & 1), Fresh: c&2 != 0}
	for range c % 7 {
		m := Member{Rating: float64(c) * 10}
		switch rng.IntN(20) {
		case 0:
			m.Rating = []float64{math.NaN(), math.Inf(1), -math.MaxFloat64, 1e30}[rng.IntN(4)]
		case 1:
			m.Pings = []uint16{0, 65535}
		default:
			m.Pings = grouptest.Crowd{Regions: rng.IntN(7)}.Pings(rng)
		}
		t.Members = append(t.Members, m)
	}
	if c == 255 {
		t.Since = noon.Add(time.Hour)
	}
	return t
}

func TestKindsAndReasonsHaveNames(t *testing.T) {
	if got := fmt.Sprint(Full, Short, Backfill, Alone, Unsuited, NoRegion, Impossible); cmp.Compare(got, "full short backfill alone unsuited no region impossible") != 0 {
		t.Errorf("got %q", got)
	}
}

package arena

import (
	"reflect"
	"slices"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/gametest"
)

// lane has the spawns of two teams of two: 0 and 1 on the left, 2 and 3 on the
// right, behind each other.
const lane = `
################
#S............S#
#......ha......#
#S............S#
################
`

// newTeams is a scene of two against two in the lane. Seats 0 and 2 stand in
// the upper row, 1 and 3 in the lower one.
func newTeams(tb testing.TB, opt Options) *scene {
	tb.Helper()
	opt.Name, opt.Map, opt.Seats, opt.Teams = "scene", "scene", 4, 2
	mode, err := newMode(opt, "= scene\n"+lane).WithDefaults()
	if err != nil {
		tb.Fatal(err)
	}
	for seed := range uint64(1000) {
		c := &scene{game.NewSim(mode, seed), tb, make([]game.Input, 4)}
		for i := range c.inputs {
			c.inputs[i].Seat = game.Seat(i)
			c.Join(game.Seat(i))
		}
		if c.run(50); c.at(0).Y < c.at(1).Y && c.at(2).Y < c.at(3).Y {
			return c
		}
	}
	tb.Fatal("no seed puts the players where they should be")
	return nil
}

func (c *scene) score(team int) int32 { return c.Now().Col(Teams, TeamFrags)[team] }
func (c *scene) mate(column, seat int) int32 {
	return c.Now().Col(Mates, column)[seat]
}

func TestTeamsComeInOnTheirSides(t *testing.T) {
	for _, name := range mapNames(MapsText) {
		maze, err := ReadMap(MapsText, name, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		p, width := newParty(t, Options{Map: name, Seats: 8, Teams: 2}, 3), maze.Width*Cell
		entered := 0
		for range 1800 {
			now := p.Play()
			for _, e := range now.Events {
				if e.Kind != EventSpawn {
					continue
				}
				entered++
				seat := int(e.Args[0])
				if x := now.Col(Players, PlayerX)[seat]; (x > width/2) != (seat >= 4) {
					t.Fatalf("%s: seat %d comes in at %d of %d", name, seat, x, width)
				}
			}
		}
		if entered == 0 {
			t.Errorf("%s: nobody came back", name)
		}
	}
}

// TestMatesAreSpared: bolts and beams go through a mate who stands in the way,
// and strike the enemy behind.
func TestMatesAreSpared(t *testing.T) {
	c := newTeams(t, Options{})
	c.press(1, 13, 192, 0) // up, before seat 0
	c.until(60, func() bool { return c.at(1).Y < c.at(0).Y+20 })
	for c.at(1).X < c.at(0).X+3*PlayerRadius {
		c.press(1, 1, 0, 0)
		c.run(1)
	}
	c.press(1, 0, 0, 0)
	c.run(10)
	c.press(0, 0, c.aimAt(0, c.at(2)), ButtonFire|ButtonRail)
	c.until(120, func() bool { return c.col(PlayerHP, 2) <= 0 })
	if got := c.col(PlayerHP, 1); got != FullHealth {
		t.Errorf("the mate in the line of fire has %d health", got)
	}
	if c.score(0) != 1 || c.score(1) != 0 || c.col(PlayerFrags, 0) != 1 {
		t.Errorf("frags %d, teams %d : %d", c.col(PlayerFrags, 0), c.score(0), c.score(1))
	}
}

// TestTeamsOnlyHurtEachOther plays at random and by bots, and wants every hit
// to be between teams, and each team's score to be the frags of its seats.
func TestTeamsOnlyHurtEachOther(t *testing.T) {
	opt := Options{Map: "twin", Seats: 8, Teams: 2, RoundSeconds: 3600}
	chance := game.Rand(5)
	p := newParty(t, opt, 1)
	hits := 0
	for tick := range 5400 {
		now := p.Play()
		if tick%2 == 0 { // half of the ticks at random
			for i := range p.Inputs {
				p.Inputs[i] = gametest.RandomInput(&chance, p.Mode())
				p.Inputs[i].Seat = game.Seat(i)
			}
			now = p.Step(p.Inputs)
		}
		for _, e := range now.Events {
			if e.Kind == EventHit {
				hits++
				if e.Args[0]/4 == e.Args[1]/4 {
					t.Fatalf("tick %d: seat %d hits its mate %d", now.Tick, e.Args[0], e.Args[1])
				}
			}
		}
		frags := now.Col(Players, PlayerFrags)
		for team := range 2 {
			if want, got := sum(frags[4*team:4*team+4]), now.Col(Teams, TeamFrags)[team]; got != want {
				t.Fatalf("tick %d: team %d has %d, its seats %d", now.Tick, team+1, got, want)
			}
		}
	}
	if hits < 100 {
		t.Errorf("%d hits", hits)
	}
}

func sum(v []int32) (all int32) {
	for _, x := range v {
		all += x
	}
	return all
}

func TestTeamsEndByTheirFrags(t *testing.T) {
	c := newTeams(t, Options{FragLimit: 2})
	for kills := int32(1); kills <= 2; kills++ { // one by each of team 1
		by := int(kills - 1)
		c.press(by, 0, 0, ButtonFire|ButtonRail)
		c.until(200, func() bool { return c.score(0) == kills })
		c.press(by, 0, 0, 0)
		if _, over := c.Result(); over != (kills == 2) {
			t.Fatalf("%d frags of 2: over %v", kills, over)
		}
	}
	result, _ := c.Result()
	want := game.Result{{Seat: 0, Rank: 1, Score: 1}, {Seat: 1, Rank: 1, Score: 1}, {Seat: 2, Rank: 2}, {Seat: 3, Rank: 2}}
	if !reflect.DeepEqual(result, want) {
		t.Errorf("got %v, want %v", result, want)
	}
}

// TestEvenTeamsDraw: without frags, all are first.
func TestEvenTeamsDraw(t *testing.T) {
	c := newTeams(t, Options{RoundSeconds: 2})
	c.run(20)
	result, over := c.Result()
	if !over || len(result) != 4 {
		t.Fatalf("got %v, %v", result, over)
	}
	for _, p := range result {
		if p.Rank != 1 {
			t.Errorf("got %v, want a draw", result)
		}
	}
}

// TestTheTeamOfWhoLeftKeepsItsFrags: also where nobody is left in it.
func TestTheTeamOfWhoLeftKeepsItsFrags(t *testing.T) {
	c := newTeams(t, Options{RoundSeconds: 10})
	c.press(0, 0, 0, ButtonFire|ButtonRail)
	c.until(200, func() bool { return c.score(0) == 1 })
	c.Leave(0)
	c.Leave(1)
	for over := false; !over; _, over = c.Result() {
		c.Step(c.inputs[2:])
	}
	result, _ := c.Result()
	if len(result) != 4 || result[0] != (game.Placing{Seat: 0, Rank: 1, Score: 1}) || result[1].Rank != 1 || result[2].Rank != 2 || c.score(0) != 1 {
		t.Errorf("got %v", result)
	}
	if c.Now().Live(Mates, 0) {
		t.Error("mates are told of one who left")
	}
}

// TestMatesKnowEachOther: a team sees what its members hold and mark, and no
// more.
func TestMatesKnowEachOther(t *testing.T) {
	c := newTeams(t, Options{})
	for i := range 4 {
		if c.mate(MateAmmo, i) != c.own(OwnAmmo, i) || c.mate(MateMark, i) != 0 {
			t.Errorf("seat %d: %d ammo told of %d", i, c.mate(MateAmmo, i), c.own(OwnAmmo, i))
		}
	}
	aim := c.aimAt(0, c.at(2))
	c.press(0, 0, aim, ButtonMark|ButtonFire|ButtonRail)
	c.press(1, 0, 64, ButtonMark) // at the wall below
	now := c.Step(c.inputs)
	until := int32(now.Tick) + MarkSeconds*30
	if c.mate(MateMark, 0) != until || c.mate(MateOn, 0) != 3 || (Point{c.mate(MateX, 0), c.mate(MateY, 0)}) != c.at(2) {
		t.Errorf("mark until %d on %d at %d,%d", c.mate(MateMark, 0), c.mate(MateOn, 0), c.mate(MateX, 0), c.mate(MateY, 0))
	}
	if c.mate(MateOn, 1) != 0 || c.mate(MateY, 1) <= c.at(1).Y {
		t.Errorf("a mark at a wall: on %d at %d", c.mate(MateOn, 1), c.mate(MateY, 1))
	}
	if c.mate(MateAmmo, 0) != StartAmmo-1 || c.mate(MateRail, 0) != c.own(OwnRail, 0) {
		t.Error("mates see other weapons than there are")
	}
	again := c.until(200, func() bool { return c.mate(MateMark, 0) != until })
	if want := MarkSeconds * 30 / 2; again != want {
		t.Errorf("the next mark after %d ticks, want %d", again, want)
	}
}

// TestATeamIsShownItsOwnRowsAlone builds what each seat's client has from the
// deltas that are sent to it, and looks for rows of the other team.
func TestATeamIsShownItsOwnRowsAlone(t *testing.T) {
	p := newParty(t, Options{Map: "twin", Seats: 8, Teams: 2}, 2)
	l := p.Now().Layout()
	held := []*game.Snapshot{game.NewSnapshot(l), game.NewSnapshot(l)}
	next := game.NewSnapshot(l)
	var d game.Delta
	var before *game.Snapshot
	for tick := range 900 {
		if tick == 300 {
			p.Leave(1)
		} else if tick == 400 {
			p.Join(1)
		}
		now := p.Play()
		for i := range held {
			view := game.View(i + 1)
			if d.Diff(nil, before, now, view); before == nil {
				next.Apply(&d, nil, nil)
			} else {
				next.Apply(&d, nil, held[i])
			}
			held[i].CopyFrom(next)
			if held[i].Hash(game.Whole) != now.Hash(view) {
				t.Fatalf("tick %d: team %d holds another picture", now.Tick, i+1)
			}
			for seat := held[i].Next(Mates, -1); seat >= 0; seat = held[i].Next(Mates, seat) {
				if seat/4 != i {
					t.Fatalf("tick %d: team %d is shown seat %d", now.Tick, i+1, seat)
				}
			}
			for seat, ammo := range held[i].Col(Mates, MateAmmo) {
				if seat/4 != i && ammo != 0 {
					t.Fatalf("tick %d: team %d was sent the ammo of seat %d", now.Tick, i+1, seat)
				}
			}
		}
		before = now
	}
	if held[0].Count(Mates) != 4 || held[1].Count(Mates) != 4 {
		t.Errorf("%d and %d mates in the end", held[0].Count(Mates), held[1].Count(Mates))
	}
}

// TestTeamRoundIsExact plays a short round of bots in teams, of whom two leave
// and one comes back.
func TestTeamRoundIsExact(t *testing.T) {
	round := gametest.Alike(t, func() string {
		p := newParty(t, Options{Map: "twin", Seats: 8, Teams: 2, RoundSeconds: 60}, 11)
		return p.Round(30, func(now game.Tick) {
			switch now {
			case 500:
				p.Leave(2)
				p.Leave(6)
			case 800:
				p.Join(2)
			}
		})
	})
	gametest.Golden(t, "teams.txt", []byte(round))
}

// TestASavedTeamMatchGoesOnAlike: teams, their frags and marks are part of the
// exact state.
func TestASavedTeamMatchGoesOnAlike(t *testing.T) {
	newParty(t, Options{Map: "twin", Seats: 8, Teams: 2}, 6).GoesOnAlike(t, 1500, 600, func(tick int) bool { return tick%300 == 250 })
}

// TestBotsOfATeam fight the others, and stay together: the mean way to the
// nearest mate is less than that to the nearest of as many strangers.
func TestBotsOfATeam(t *testing.T) {
	near := func(opt Options) (away int32) {
		opt.Seats, opt.Map, opt.RoundSeconds = 8, "twin", 3600
		p := newParty(t, opt, 7)
		n := int32(0)
		for tick := range 3600 {
			now := p.Play()
			for i, other := range p.Bots {
				if foe := other.(*bot).foe.seat; opt.Teams > 0 && foe >= 0 && foe/4 == i/4 {
					t.Fatalf("tick %d: bot %d is after its mate %d", now.Tick, i, foe)
				}
			}
			if tick%30 == 0 {
				for i := range 8 {
					if d := nearestOf(now, i); d > 0 {
						away, n = away+d, n+1
					}
				}
			}
		}
		return away / n
	}
	if marks := marksOfBots(t); marks == 0 {
		t.Error("no bot shows its mates a foe")
	}
	alone, together := near(Options{}), near(Options{Teams: 2})
	t.Logf("to the nearest of three: %.1f m, of a team %.1f m", float64(alone)/Cell, float64(together)/Cell)
	if together > alone*4/5 {
		t.Errorf("bots of a team are %d units apart, strangers %d", together, alone)
	}
}

// marksOfBots counts those on foes in two minutes.
func marksOfBots(t *testing.T) (marks int) {
	p := newParty(t, Options{Seats: 8, Teams: 2, Map: "twin"}, 7)
	until := make([]int32, 8)
	for range 3600 {
		now := p.Play()
		for i, mark := range now.Col(Mates, MateMark) {
			if on := now.Col(Mates, MateOn)[i]; mark > until[i] && on > 0 {
				until[i] = mark
				if marks++; int(on-1)/4 == i/4 {
					t.Fatalf("tick %d: bot %d marks its mate %d", now.Tick, i, on-1)
				}
			}
		}
	}
	return marks
}

// nearestOf is how far the nearest living of a seat's half of the seats is, or
// 0.
func nearestOf(s *game.Snapshot, seat int) (nearest int32) {
	x, y, hp := s.Col(Players, PlayerX), s.Col(Players, PlayerY), s.Col(Players, PlayerHP)
	for j := range x {
		if j == seat || j/4 != seat/4 || hp[j] <= 0 || hp[seat] <= 0 {
			continue
		}
		if d := distance(x[j]-x[seat], y[j]-y[seat]); nearest == 0 || d < nearest {
			nearest = d
		}
	}
	return nearest
}

func TestTeamModes(t *testing.T) {
	i := slices.IndexFunc(Modes(), func(m game.Mode) bool { return m.Name == "arena-teams" })
	m, err := Modes()[i].WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	if mm := m.Matchmaking; mm.Teams != 2 || mm.TeamSize != 4 || m.Seats != 8 {
		t.Errorf("%d teams of %d on %d seats", mm.Teams, mm.TeamSize, m.Seats)
	}
	sim := game.NewSim(m, 1)
	for seat := range game.Seat(8) {
		if got, want := sim.Team(seat), game.TeamID(1+seat/4); got != want {
			t.Errorf("seat %d is in team %d, want %d", seat, got, want)
		}
	}
	for _, bad := range []Options{{Seats: 9, Teams: 2}, {Seats: 9, Teams: 3}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d seats in %d teams are taken", bad.Seats, bad.Teams)
				}
			}()
			newMode(bad, MapsText)
		}()
	}
}

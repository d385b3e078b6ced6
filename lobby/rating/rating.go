package rating

import (
	"errors"
	"math"
	"time"
)

// A Rating is what is believed of one player's skill in one mode. It is plain
// data, fit for msgpack and JSON. The zero value is somebody never rated.
type Rating struct {
	Mu      float64   `msgpack:"mu" json:"mu"`           // the most likely skill
	Sigma   float64   `msgpack:"sigma" json:"sigma"`     // how uncertain that is
	Matches int       `msgpack:"matches" json:"matches"` // that counted, since the season began
	Last    time.Time `msgpack:"last" json:"last"`       // when the last of them ended, UTC
}

// Config tunes a Model. Zero means the default.
type Config struct {
	Mu    float64 // of a newcomer. Default 25
	Sigma float64 // of a newcomer, and the most there can be. Default Mu/3
	// Beta is how much the play of one player varies from match to match: he
	// who is better by Beta wins about two of three. Larger for games of luck.
	// Default Sigma/2.
	Beta float64
	// Tau is added to Sigma (in squares) by each match, so that a rating never
	// freezes. Default Sigma/100.
	Tau float64
	// Least is the smallest Sigma there can be. Default Sigma/20.
	Least float64
	// Forget is the time away after which nothing is certain any more: Sigma
	// grows to that of a newcomer, in squares evenly. Default 365 days.
	Forget time.Duration
	// Keep is the share of a player's distance from a newcomer that a new
	// season leaves him, 0 to 1. Default 1/2.
	Keep float64
}

// A Model rates one mode. It never changes after New.
type Model struct{ cfg Config }

// New makes a model, or says which of the config's numbers cannot be.
func New(cfg Config) (*Model, error) {
	fill(&cfg.Mu, 25)
	fill(&cfg.Sigma, cfg.Mu/3)
	fill(&cfg.Beta, cfg.Sigma/2)
	fill(&cfg.Tau, cfg.Sigma/100)
	fill(&cfg.Least, cfg.Sigma/20)
	fill(&cfg.Keep, 0.5)
	if cfg.Forget == 0 {
		cfg.Forget = 365 * 24 * time.Hour
	}
	return &Model{cfg}, cfg.validate()
}

func fill(x *float64, otherwise float64) {
	if *x == 0 {
		*x = otherwise
	}
}

func (c *Config) validate() error {
	positive := func(x float64) bool { return x > 0 && x <= far }
	switch {
	case !positive(c.Mu) || !positive(c.Sigma) || !positive(c.Beta) || !positive(c.Tau):
		return errors.New("rating: Mu, Sigma, Beta and Tau must be positive")
	case !positive(c.Least) || c.Least > c.Sigma:
		return errors.New("rating: Least must be positive and at most Sigma")
	case c.Forget < 0:
		return errors.New("rating: Forget is negative")
	case !(c.Keep >= 0 && c.Keep <= 1):
		return errors.New("rating: Keep must be 0 to 1")
	}
	return nil
}

// Default is the model with nothing tuned.
var Default = func() *Model {
	m, err := New(Config{})
	if err != nil {
		panic(err)
	}
	return m
}()

// far bounds what is taken for a mean at all: no player gets near.
const far = 1e6

// Newcomer is what is believed of somebody never seen.
func (m *Model) Newcomer() Rating { return Rating{Mu: m.cfg.Mu, Sigma: m.cfg.Sigma} }

// At is the rating as it is to be believed at a time: that of a player who was
// away is less certain. The zero rating, and one that no model can have made
// (not finite, no deviation), is a newcomer's. Who asks again later must ask
// with the stored rating, not with the answer: Last stays.
func (m *Model) At(r Rating, now time.Time) Rating {
	r = m.known(r)
	if r.Last.IsZero() || !now.After(r.Last) {
		return r
	}
	away := float64(now.Sub(r.Last)) / float64(m.cfg.Forget)
	r.Sigma = m.bound(math.Sqrt(r.Sigma*r.Sigma + away*m.cfg.Sigma*m.cfg.Sigma))
	return r
}

// known returns r with numbers one can calculate with.
func (m *Model) known(r Rating) Rating {
	if !(math.Abs(r.Mu) <= far) || !(r.Sigma > 0) || math.IsInf(r.Sigma, 0) {
		return m.Newcomer()
	}
	r.Sigma = m.bound(r.Sigma)
	return r
}

func (m *Model) bound(sigma float64) float64 { return min(max(sigma, m.cfg.Least), m.cfg.Sigma) }

// Season is the rating with which a player begins a new season: drawn towards
// a newcomer's by 1-Keep, and less certain by half a newcomer's deviation, so
// that the order of before shows soon but must be earned anew.
func (m *Model) Season(r Rating, now time.Time) Rating {
	r = m.At(r, now)
	half := m.cfg.Sigma / 2
	r.Mu = m.cfg.Mu + m.cfg.Keep*(r.Mu-m.cfg.Mu)
	r.Sigma = m.bound(math.Sqrt(r.Sigma*r.Sigma + half*half))
	r.Matches = 0
	return r
}

// MaxPoints is the most a board shows.
const MaxPoints = 5000

// Points is the number that boards show, 0 to MaxPoints: the skill that the
// player has almost surely, Mu - 3 Sigma. A newcomer has 0 and climbs as he
// gets known; the unknown never lead. On the default scale a point is a
// hundredth of Mu's unit.
func (m *Model) Points(r Rating) int {
	r = m.known(r)
	return int(min(max(m.scale(r.Mu-3*r.Sigma), 0), MaxPoints))
}

// Skill is the number to group by: Mu itself in the unit of Points, rounded to
// nothing and bounded by nothing.
func (m *Model) Skill(r Rating) float64 { return m.scale(m.known(r).Mu) }

// scale puts two newcomers' Mu at MaxPoints.
func (m *Model) scale(x float64) float64 { return x * MaxPoints / (2 * m.cfg.Mu) }

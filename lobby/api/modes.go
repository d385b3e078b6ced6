package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/game"
)

type modeBody struct {
	Name       string       `json:"name"`
	Title      string       `json:"title"`
	About      string       `json:"about"`
	Seats      int          `json:"seats"`
	Hz         int          `json:"hz"`
	MinPlayers int          `json:"min_players"`
	Teams      int          `json:"teams"`
	TeamSize   int          `json:"team_size"`
	Regions    []string     `json:"regions"`
	Props      []string     `json:"props"`
	Accept     int          `json:"accept_seconds"`
	Backfill   bool         `json:"backfill"`
	Options    []optionBody `json:"options"`
}

type optionBody struct {
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Values  []string `json:"values"`
	Min     int32    `json:"min"`
	Max     int32    `json:"max"`
	Default int32    `json:"default"`
}

// modes lists what players are offered. Hidden modes can be played all the
// same by those who know their names.
func (a *api) modes(c *gin.Context) {
	list := []modeBody{}
	for _, m := range a.lobby.Modes() {
		list = append(list, modeOf(m))
	}
	c.JSON(http.StatusOK, gin.H{"modes": list})
}

func modeOf(m *game.Mode) modeBody {
	mm := &m.Matchmaking
	teams := max(mm.Teams, 1)
	return modeBody{
		Name: m.Name, Title: m.Title, About: m.About, Seats: m.Seats, Hz: m.Hz, MinPlayers: m.MinPlayers,
		Teams: teams, TeamSize: m.Seats / teams, Regions: append([]string{}, mm.Regions...), Props: append([]string{}, mm.Match...),
		Accept: int((mm.AcceptFor + time.Second - 1) / time.Second), Backfill: mm.Backfill,
		Options: optionsOf(m),
	}
}

func optionsOf(m *game.Mode) []optionBody {
	all := make([]optionBody, len(m.Options))
	for i := range m.Options {
		o := &m.Options[i]
		least, most := o.Bounds()
		all[i] = optionBody{o.Name, o.Title, append([]string{}, o.Values...), least, most, o.Default}
	}
	return all
}

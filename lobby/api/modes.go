package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

type modeBody struct {
	Name       string `json:"name"`
	Title      string `json:"title"`
	Seats      int    `json:"seats"`
	Hz         int    `json:"hz"`
	MinPlayers int    `json:"min_players"`
}

// modes lists what players are offered. Hidden modes can be played all the
// same by those who know their names.
func (a *api) modes(c *gin.Context) {
	list := []modeBody{}
	for _, m := range a.lobby.Modes() {
		list = append(list, modeBody{m.Name, m.Title, m.Seats, m.Hz, m.MinPlayers})
	}
	c.JSON(http.StatusOK, gin.H{"modes": list})
}

package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// Rooms are those that players make.
type Rooms interface {
	// Rooms are those of a game that everybody may find, the oldest first.
	Rooms(game string, filter protocol.RoomWatch, most int) []protocol.RoomRow
	// Room is the one of a game with a code, whoever may find it.
	Room(game, code string) (protocol.RoomRow, bool)
	// Member says whether a player is one of the room with a code.
	Member(who protocol.PlayerID, code string) bool
}

type roomBody struct {
	Code    string            `json:"code"`
	Title   string            `json:"title"`
	Mode    string            `json:"mode"`
	Options map[string]string `json:"options"` // by name, as people choose them
	Host    string            `json:"host"`
	Players int               `json:"players"`
	Bots    int               `json:"bots"`
	Size    int               `json:"size"`
	Locked  bool              `json:"locked"`
	Playing bool              `json:"playing"`
}

// mostRooms is how many an answer lists.
const mostRooms = 200

var errRoom = &refusal{status: 404, code: "room_not_found", detail: "There is no such room."}

func (a *api) roomRoutes() {
	a.get("/v1/rooms", a.listRooms, a.looks()...)
	a.get("/v1/rooms/:code", a.showRoom, a.looks()...)
}

// listRooms lists the caller's game's.
func (a *api) listRooms(c *gin.Context) {
	open, errOpen := flagged(c, "open")
	free, errFree := flagged(c, "free")
	if err := errors.Join(errOpen, errFree); err != nil {
		refuse(c, err)
		return
	}
	filter := protocol.RoomWatch{Mode: c.Query("mode"), Open: open, Free: free, Text: c.Query("text")}
	list := []roomBody{}
	for _, r := range a.cfg.Rooms.Rooms(player(c).Game, filter, mostRooms) {
		list = append(list, a.roomOf(r))
	}
	c.JSON(http.StatusOK, gin.H{"rooms": list})
}

func (a *api) showRoom(c *gin.Context) {
	r, ok := a.cfg.Rooms.Room(player(c).Game, c.Param("code"))
	if !ok {
		refuse(c, errRoom)
		return
	}
	c.JSON(http.StatusOK, a.roomOf(r))
}

func (a *api) roomOf(r protocol.RoomRow) roomBody {
	b := roomBody{r.Code, r.Title, r.Mode, map[string]string{}, r.Host, r.Players, r.Bots, r.Size, r.Locked, r.Playing}
	if m := a.lobby.Mode(r.Mode); m != nil {
		b.Options = chosenOf(m, r.Options)
	}
	return b
}

func chosenOf(m *game.Mode, values []int32) map[string]string {
	all := make(map[string]string, len(values))
	for i, v := range values {
		all[m.Options[i].Name] = m.Options[i].Text(v)
	}
	return all
}

package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/protocol"
)

// blocksBody is whom a player does not want to meet, or to hear.
type blocksBody struct {
	Blocks []protocol.PlayerID `json:"blocks"`
	Mutes  []protocol.PlayerID `json:"mutes"`
}

func (a *api) blockRoutes() {
	a.get("/v1/blocks", a.blocks, a.asks()...)
	a.serve("PUT", "/v1/blocks/:id", a.block, a.does()...)
	a.serve("DELETE", "/v1/blocks/:id", a.unblock, a.does()...)
	a.serve("PUT", "/v1/mutes/:id", a.mute, a.does()...)
	a.serve("DELETE", "/v1/mutes/:id", a.unmute, a.does()...)
}

func (a *api) blocks(c *gin.Context) {
	blocks, mutes, err := a.cfg.Social.Blocked(c, who(c))
	if err != nil {
		refuse(c, err)
		return
	}
	body := blocksBody{append([]protocol.PlayerID{}, blocks...), append([]protocol.PlayerID{}, mutes...)} // [], not null
	c.JSON(http.StatusOK, body)
}

func (a *api) block(c *gin.Context) { conclude(c, a.cfg.Social.Block(c, who(c), target(c))) }

func (a *api) unblock(c *gin.Context) { conclude(c, a.cfg.Social.Unblock(c, who(c), target(c))) }

func (a *api) mute(c *gin.Context) { conclude(c, a.cfg.Social.Mute(c, who(c), target(c))) }

func (a *api) unmute(c *gin.Context) { conclude(c, a.cfg.Social.Unmute(c, who(c), target(c))) }

package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/saves"
)

// maxSave is what a request may weigh that saves the greatest value there can
// be, with some space in it.
const maxSave = 768 << 10 // bytes

// saveBody is a save. In a list it has no value.
type saveBody struct {
	Key     string          `json:"key"`
	Version saves.Version   `json:"version"`
	Size    int             `json:"size"`
	Public  bool            `json:"public"`
	Service bool            `json:"service"`
	At      time.Time       `json:"at"`
	Value   json.RawMessage `json:"value,omitempty"`
}

func showSave(s saves.Save) saveBody {
	return saveBody{s.Key, s.Version, s.Size, s.Public, s.Service, s.At, s.Value}
}

// saveRoutes are what the game keeps of players: a player's own, and anybody's,
// of which players read what is public and back ends everything.
func (a *api) saveRoutes() {
	own, others := "/v1/saves", "/v1/players/:id/saves"
	write := []step{a.perAddress(bucketRead), a.players(), a.perPlayer(bucketPlayerSave)}
	a.get(own, a.listSaves, a.asks()...)
	a.get(own+"/:key", a.getSave, a.asks()...)
	a.serve("PUT", own+"/:key", a.putSave, append(write, takes(maxSave))...)
	a.serve("DELETE", own+"/:key", a.deleteSave, write...)

	may := []step{a.perAddress(bucketService), a.may(account.ActPlayerData)}
	a.get(others, a.listSaves, a.looks()...)
	a.get(others+"/:key", a.getSave, a.looks()...)
	a.serve("PUT", others+"/:key", a.putSave, append(append([]step{audited("save.put")}, may...), takes(maxSave))...)
	a.serve("DELETE", others+"/:key", a.deleteSave, append([]step{audited("save.delete")}, may...)...)
}

// saver is whose saves a request is about, and in what part the caller asks.
func (a *api) saver(c *gin.Context) (of account.Ref, as saves.Role, err error) {
	by := caller(c)
	if c.Param("id") == "" {
		return by.Ref, saves.Owner, nil
	}
	found, err := a.targeted(c)
	switch {
	case err != nil:
		return of, as, err
	case account.Allow(by.Role, account.ActPlayerData):
		as = saves.Service
	case found.Player == by.Player:
		as = saves.Owner
	}
	return found.Ref, as, nil
}

func (a *api) listSaves(c *gin.Context) {
	of, as, err := a.saver(c)
	var list []saves.Save
	if err == nil {
		list, err = a.cfg.Saves.List(c, string(of.Game), of.Player, as)
	}
	if err != nil {
		refuse(c, err)
		return
	}
	all := []saveBody{}
	for _, s := range list {
		all = append(all, showSave(s))
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"saves": all})
}

func (a *api) getSave(c *gin.Context) {
	of, as, err := a.saver(c)
	var s saves.Save
	if err == nil {
		s, err = a.cfg.Saves.Get(c, string(of.Game), of.Player, as, c.Param("key"))
	}
	answerSave(c, s, err)
}

func (a *api) putSave(c *gin.Context) {
	var body struct {
		Value   json.RawMessage `json:"value"`
		Public  bool            `json:"public"`
		Service bool            `json:"service"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	how(c, slog.Bool("public", body.Public), slog.Bool("service", body.Service), slog.Int("bytes", len(body.Value)))
	if body.Value == nil {
		refuse(c, badBody("value is missing"))
		return
	}
	var value bytes.Buffer
	_ = json.Compact(&value, body.Value) // it was parsed
	draft := saves.Draft{Key: c.Param("key"), Value: value.Bytes(), Public: body.Public, Service: body.Service}
	var err error
	if draft.If, err = condition(c.Request.Header); err != nil {
		refuse(c, err)
		return
	}
	of, as, err := a.saver(c)
	var s saves.Save
	if err == nil {
		s, err = a.save(c, of, as, draft)
	}
	s.Value = nil // the client has it
	answerSave(c, s, err)
}

// save keeps a draft, unless the account is gone: one that was deleted while
// the request was under way leaves nothing behind.
func (a *api) save(ctx context.Context, of account.Ref, as saves.Role, d saves.Draft) (saves.Save, error) {
	s, err := a.cfg.Saves.Put(ctx, string(of.Game), of.Player, as, d)
	if err != nil {
		return s, err
	}
	if _, err = a.cfg.Accounts.Account(ctx, of); errors.Is(err, account.ErrNotFound) {
		err = errors.Join(a.cfg.Saves.DeleteAll(ctx, string(of.Game), of.Player), err)
	}
	return s, err
}

func (a *api) deleteSave(c *gin.Context) {
	version, err := condition(c.Request.Header)
	if err != nil {
		refuse(c, err)
		return
	}
	of, as, err := a.saver(c)
	if err == nil {
		err = a.cfg.Saves.Delete(c, string(of.Game), of.Player, as, c.Param("key"), version)
	}
	conclude(c, err)
}

func answerSave(c *gin.Context, s saves.Save, err error) {
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("ETag", strconv.Quote(strconv.FormatUint(uint64(s.Version), 10)))
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, showSave(s))
}

// condition is what a write asks of the version there is: If-Match with the
// ETag of one, If-None-Match with * for none at all.
func condition(h http.Header) (saves.Version, error) {
	match, none := h.Values("If-Match"), h.Values("If-None-Match")
	switch {
	case len(match) == 0 && len(none) == 0:
		return saves.Any, nil
	case len(match) == 0 && len(none) == 1 && none[0] == "*":
		return saves.New, nil
	case len(match) != 1 || len(none) != 0:
		return 0, errCondition
	}
	tag, quoted := strings.CutPrefix(match[0], `"`)
	tag, ended := strings.CutSuffix(tag, `"`)
	version, err := strconv.ParseUint(tag, 10, 63)
	if !quoted || !ended || err != nil || version == 0 {
		return 0, errCondition
	}
	return saves.Version(version), nil
}

package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/career"
	"github.com/musterhq/muster/lobby/saves"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/protocol"
)

// exportBody is all that is kept of a player.
type exportBody struct {
	Account  accountBody    `json:"account"`
	Password bool           `json:"password"` // whether there is one
	Logins   []loginBody    `json:"logins"`
	Kept     map[string]any `json:"kept"` // elsewhere, by what it is
}

type loginBody struct {
	Started time.Time `json:"started"`
	Used    time.Time `json:"used"`
}

// friendsExport is whom a player has to do with.
type friendsExport struct {
	Ties    []tieExport         `json:"ties"`
	Blocks  []protocol.PlayerID `json:"blocks"`
	Mutes   []protocol.PlayerID `json:"mutes"`
	Silence *silenceBody        `json:"silence,omitempty"`
}

type tieExport struct {
	Player playerBody `json:"player"`
	Tie    string     `json:"tie"` // friend, asked, asks
	Since  time.Time  `json:"since"`
}

// careerExport is how a player has played.
type careerExport struct {
	Ratings []ratingExport `json:"ratings"`
	Matches []playedBody   `json:"matches"` // newest first
}

// ratingExport tells also what points are made of.
type ratingExport struct {
	ratingBody
	Mu    float64 `json:"mu"`
	Sigma float64 `json:"sigma"`
}

func (a *api) answerExport(c *gin.Context, who account.Ref) {
	x, err := a.cfg.Accounts.Export(c, who)
	if err != nil {
		refuse(c, err)
		return
	}
	body := exportBody{showAccount(x.Account), x.Password, []loginBody{}, map[string]any{}}
	for _, l := range x.Logins {
		body.Logins = append(body.Logins, loginBody{l.Started, l.Used})
	}
	for name, kept := range x.Others {
		body.Kept[name] = showKept(kept)
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Disposition", `attachment; filename="export.json"`)
	c.JSON(http.StatusOK, body)
}

// showKept spells what a holder keeps as the rest of the API does. What it does
// not know, a game's own, is as it is.
func showKept(kept any) any {
	switch kept := kept.(type) {
	case social.Export:
		return exportFriends(kept)
	case career.Export:
		return exportCareer(kept)
	case []protocol.MailNotice:
		return shown(kept, showNotice)
	case []saves.Save:
		return shown(kept, showSave)
	}
	return kept
}

// shown is a list as it is shown: none is empty.
func shown[T, Body any](all []T, show func(T) Body) []Body {
	list := make([]Body, len(all))
	for i, v := range all {
		list[i] = show(v)
	}
	return list
}

func exportFriends(x social.Export) friendsExport {
	body := friendsExport{
		Ties: shown(x.Ties, func(t social.ExportedTie) tieExport {
			return tieExport{playerBody{t.Player, t.Name}, t.Tie, t.Since}
		}),
		Blocks: append([]protocol.PlayerID{}, x.Blocks...),
		Mutes:  append([]protocol.PlayerID{}, x.Mutes...),
	}
	if x.Silence != nil {
		s := showSilence(*x.Silence)
		body.Silence = &s
	}
	return body
}

func exportCareer(x career.Export) careerExport {
	return careerExport{
		Ratings: shown(x.Places, func(p career.Place) ratingExport {
			return ratingExport{showRating(p), p.Rating.Mu, p.Rating.Sigma}
		}),
		Matches: shown(x.Matches, showPlayed),
	}
}

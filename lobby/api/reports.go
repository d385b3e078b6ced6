package api

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/protocol"
)

// reportBody is a report as moderators see it.
type reportBody struct {
	ID      uint64     `json:"id"`
	At      time.Time  `json:"at"`
	By      playerBody `json:"by"`
	Against playerBody `json:"against"`
	Reason  string     `json:"reason"`
	Message uint64     `json:"message,omitempty"` // the line that it is about
	Channel string     `json:"channel,omitempty"` // that the lines are of
	Lines   []lineBody `json:"lines"`             // oldest first
}

// lineBody is what somebody has said.
type lineBody struct {
	ID   uint64            `json:"id"`
	From playerBody        `json:"from"`
	To   protocol.PlayerID `json:"to,omitempty"` // of a whisper
	At   time.Time         `json:"at"`
	Text string            `json:"text"`
}

const (
	reportsPage = 20 // that are shown if nobody says how many
	reportsMost = 100
)

var channels = map[protocol.Channel]string{protocol.ChannelParty: "party", protocol.ChannelWhisper: "whisper", protocol.ChannelRoom: "room"}

func (a *api) reportRoutes() {
	a.serve("POST", "/v1/reports", a.report, a.perAddress(bucketRead), a.players(), a.perPlayer(bucketPlayerChat), takes(maxBody))
	a.get("/v1/reports", a.reports, a.perAddress(bucketRead), a.may(account.ActReadReports))
	a.serve("POST", "/v1/reports/:id/resolve", a.resolveReport, audited("report.resolve"), a.perAddress(bucketRead), a.may(account.ActCloseReports), takes(maxBody))
}

// report is of a line of chat, or of a player as such.
func (a *api) report(c *gin.Context) {
	var body struct {
		Player  protocol.PlayerID `json:"player"`
		Message uint64            `json:"message"`
		Reason  string            `json:"reason"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	var id uint64
	var err error
	switch {
	case (body.Player == "") == (body.Message == 0):
		err = badBody("name either a player or a message")
	case body.Message != 0:
		id, err = a.cfg.Social.ReportMessage(c, who(c), body.Message, body.Reason)
	default:
		id, err = a.cfg.Social.ReportPlayer(c, who(c), body.Player, body.Reason)
	}
	if err != nil {
		refuse(c, err)
		return
	}
	c.JSON(http.StatusCreated, gin.H{"id": id})
}

func (a *api) reports(c *gin.Context) {
	after, err := queried(c.Query("after"), 0, 1<<53-1, errAfter)
	if err != nil {
		refuse(c, err)
		return
	}
	limit, err := queried(c.Query("limit"), reportsPage, reportsMost, errLimit)
	if err != nil {
		refuse(c, err)
		return
	}
	all, err := a.cfg.Social.Reports(c, who(c), after, int(limit))
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"reports": shown(all, showReport)})
}

// queried reads a query's number from 0 to most, and is byDefault where it is
// left out.
func queried(s string, byDefault, most uint64, otherwise error) (uint64, error) {
	if s == "" {
		return byDefault, nil
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n > most {
		return 0, otherwise
	}
	return n, nil
}

func showReport(r social.Report) reportBody {
	body := reportBody{ID: r.ID, At: r.At.UTC(), By: showPlayer(r.By), Against: showPlayer(r.Against), Reason: r.Reason, Message: r.Message, Channel: channels[r.Channel], Lines: []lineBody{}}
	for _, l := range r.Lines {
		body.Lines = append(body.Lines, lineBody{l.ID, showPlayer(l.From), l.To, l.At.UTC(), l.Text})
	}
	return body
}

func showPlayer(p protocol.Player) playerBody { return playerBody{p.ID, p.Name} }

func (a *api) resolveReport(c *gin.Context) {
	var body struct {
		Verdict string `json:"verdict"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	how(c, slog.String("verdict", body.Verdict))
	id, err := strconv.ParseUint(c.Param("id"), 10, 64)
	if err != nil {
		refuse(c, social.ErrNoReport)
		return
	}
	against, err := a.cfg.Social.Resolve(c, who(c), id, body.Verdict)
	how(c, slog.String("against", string(against)))
	conclude(c, err)
}

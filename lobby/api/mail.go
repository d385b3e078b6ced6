package api

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/mail"
	"github.com/musterhq/muster/protocol"
)

// noticeBody is a notice that waits to be acknowledged.
type noticeBody struct {
	ID   uint64    `json:"id"`
	Kind string    `json:"kind"`
	At   time.Time `json:"at"`
	Text string    `json:"text,omitempty"`
	Data string    `json:"data,omitempty"`
}

func (a *api) mailRoutes() {
	a.get("/v1/mail", a.unread, a.asks()...)
	a.serve("POST", "/v1/mail/ack", a.ackMail, append(a.asks(), takes(maxBody))...)
	a.serve("POST", "/v1/players/:id/mail", a.sendMail, audited("player.mail"), a.perAddress(bucketRead), a.may(account.ActMail), takes(maxBody))
	a.serve("POST", "/v1/players/:id/warning", a.warn, audited("player.warn"), a.perAddress(bucketRead), a.may(account.ActWarn), takes(maxBody))
}

func (a *api) unread(c *gin.Context) {
	by := player(c)
	all, err := a.cfg.Mail.Unread(c, by.Game, by.ID)
	if err != nil {
		refuse(c, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"notices": shown(all, showNotice)})
}

func showNotice(n protocol.MailNotice) noticeBody {
	return noticeBody{n.ID, n.Kind, unix(n.At), n.Text, n.Data}
}

func (a *api) ackMail(c *gin.Context) {
	var body struct {
		ID *uint64 `json:"id"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	if body.ID == nil {
		refuse(c, badBody("id is missing"))
		return
	}
	by := player(c)
	conclude(c, a.cfg.Mail.Ack(c, by.Game, by.ID, *body.ID))
}

// sendMail is for back ends and admins, who send what they like.
func (a *api) sendMail(c *gin.Context) {
	var body struct {
		Kind string `json:"kind"`
		Text string `json:"text"`
		Data string `json:"data"`
		Key  string `json:"key"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	how(c, slog.String("kind", body.Kind), slog.String("key", body.Key), slog.String("text", body.Text))
	a.send(c, mail.Letter{Kind: body.Kind, Text: body.Text, Data: body.Data, Key: body.Key})
}

// warn is for moderators, whose words are theirs and nothing else.
func (a *api) warn(c *gin.Context) {
	var body struct {
		Text string `json:"text"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	how(c, slog.String("text", body.Text))
	if body.Text == "" {
		refuse(c, badBody("text is missing"))
		return
	}
	if _, err := a.below(c); err != nil {
		refuse(c, err)
		return
	}
	a.send(c, mail.Letter{Kind: mail.KindModerator, Text: body.Text})
}

// send answers with the id of the notice.
func (a *api) send(c *gin.Context, l mail.Letter) {
	to, err := a.targeted(c)
	if err != nil {
		refuse(c, err)
		return
	}
	id, err := a.cfg.Mail.Send(c, string(to.Game), to.Player, l)
	if err != nil {
		refuse(c, err)
		return
	}
	how(c, slog.Uint64("notice", id))
	c.JSON(http.StatusCreated, gin.H{"id": id})
}

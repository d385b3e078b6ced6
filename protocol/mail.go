package protocol

// This file holds the messages by which kept notices reach a player, one by
// one, in order, and none of them lost: the server's Mail, and the client's
// MailAck. A [MailReader] is the client's side of it.

// MaxMailID is the largest id of a notice: what JavaScript's numbers hold.
const MaxMailID = 1<<53 - 1

// Limits of mail.
const (
	MaxMailText = 1024 // bytes of a notice's text, and of its data
	MaxMailList = 128  // notices in one message
)

// MailAck says that a client has taken in everything up to a notice, which
// then is not kept any longer: [-5, id]. 0 takes in nothing and asks to be sent
// everything unread again, from the beginning.
type MailAck struct{ ID uint64 }

// Mail brings notices that wait to be acknowledged, oldest first: [-13, after,
// [[id, kind, at, text, data]…]]. After is the notice that the server sent
// before these, or 0 where they are the oldest there are: whoever has not got
// that one has missed something, and must not take these in.
type Mail struct {
	After   uint64
	Notices []MailNotice
}

// A MailNotice is one notice of a Mail.
type MailNotice struct {
	ID   uint64 // rises within a mailbox, with gaps; the same whenever the notice is sent again
	Kind string // stable: invite, result, moderator, system, lost, or a studio's own with a dot in it
	At   int64  // when it was sent, in Unix seconds
	Text string // for people, may be empty
	Data string // for programs, mostly JSON; with lost how many notices were dropped unread
}

func (m MailAck) encode(e *encoder) {
	e.open(TypeMailAck, 1)
	e.uint(m.ID)
}

func (m Mail) encode(e *encoder) {
	e.open(TypeMail, 2)
	e.uint(m.After)
	e.array(len(m.Notices))
	for _, n := range m.Notices {
		e.array(5)
		e.uint(n.ID)
		e.str(n.Kind)
		e.int(n.At)
		e.str(n.Text)
		e.str(n.Data)
	}
}

func (d *decoder) mailID() uint64 { return uint64(d.int(0, MaxMailID)) }

func (d *decoder) mail() Mail {
	m := Mail{After: d.mailID()}
	for range d.array(0, MaxMailList) {
		n := d.array(5, 16)
		m.Notices = append(m.Notices, MailNotice{d.mailID(), d.str(maxID), d.int(0, MaxMailID), d.str(MaxMailText), d.str(MaxMailText)})
		d.rest(n, 5)
	}
	return m
}

package protocol_test

import (
	"reflect"
	"testing"

	"github.com/musterhq/muster/protocol"
)

func notices(ids ...uint64) (all []protocol.MailNotice) {
	for _, id := range ids {
		all = append(all, protocol.MailNotice{ID: id, Kind: "system"})
	}
	return all
}

func TestMailReader(t *testing.T) {
	var r protocol.MailReader
	for _, step := range []struct {
		note  string
		fresh bool // a new connection first
		mail  protocol.Mail
		want  []protocol.MailNotice
		ack   uint64
	}{
		{"a live one before the beginning", true, protocol.Mail{After: 5, Notices: notices(6)}, nil, 0},
		{"the beginning", false, protocol.Mail{Notices: notices(4, 5)}, notices(4, 5), 5},
		{"what follows", false, protocol.Mail{After: 5, Notices: notices(6)}, notices(6), 6},
		{"one is missing", false, protocol.Mail{After: 7, Notices: notices(8)}, nil, 0},
		{"all of it again", false, protocol.Mail{Notices: notices(6, 7)}, notices(7), 7},
		{"and on", false, protocol.Mail{After: 7, Notices: notices(8)}, notices(8), 8},
		{"the same twice", false, protocol.Mail{After: 7, Notices: notices(8)}, nil, 0},
		{"of the connection before", true, protocol.Mail{After: 8, Notices: notices(9)}, nil, 0},
		{"nothing new", false, protocol.Mail{Notices: notices(7, 8)}, nil, 8},
	} {
		if step.fresh {
			r.Connected()
		}
		got, ack := r.Take(step.mail)
		if !reflect.DeepEqual(got, step.want) || ack.ID != step.ack {
			t.Errorf("%s: got %v, ack %d; want %v, ack %d", step.note, got, ack.ID, step.want, step.ack)
		}
	}
}

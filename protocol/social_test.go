package protocol_test

import (
	"encoding/hex"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/musterhq/muster/protocol"
)

// goldenSocial are the messages of parties, friends and chat, in a file of
// their own so that a client without them passes its tests of the others.
type goldenSocial struct {
	About    string          `json:"about"`
	Messages []goldenMessage `json:"messages"`
	Refused  []goldenBad     `json:"refused"`
}

func socialSays() []protocol.Control {
	return []protocol.Control{
		protocol.Say{Channel: protocol.ChannelParty, Stamp: 1, Text: "hello"},
		protocol.Say{Channel: 255, Stamp: math.MaxUint32, To: protocol.PlayerID(strings.Repeat("p", 64)), Text: strings.Repeat("ä", 512)},
	}
}

func socialNews() []protocol.Control {
	const most = 1<<53 - 1
	id, name := strings.Repeat("p", 64), strings.Repeat("𝄞", 24)
	return []protocol.Control{
		protocol.Party{Revision: 7},
		protocol.Party{Revision: 8, ID: "q", Leader: "a", Most: 8,
			Members: []protocol.PartyMember{{Player: "a", Name: "Ada", Here: true}, {Player: "b", Name: "Bob"}},
			Invited: []protocol.PartyInvited{{Player: "c", Name: "Cyd", Expires: 1700000300}}},
		protocol.Party{Revision: most, ID: id, Leader: protocol.PlayerID(id), Most: 64, Mode: "arena", Ticket: id,
			Members:     []protocol.PartyMember{{Player: protocol.PlayerID(id), Name: name, Here: true}},
			Invitations: []protocol.Invitation{{Party: "r", By: "d", Name: "Dan", Members: 64, Expires: most}}},
		protocol.Presence{Whole: true},
		protocol.Presence{Whole: true, People: []protocol.PresenceOf{
			{Player: "a", Name: "Ada", Tie: protocol.TieFriend, State: protocol.InLobby, Joinable: true, Where: "r"},
			{Player: "b", Name: "Bob", Tie: protocol.TieFriend, State: protocol.InMatch}, {Player: "c", Name: "Cyd", Tie: protocol.TieAsks}}},
		protocol.Presence{People: []protocol.PresenceOf{{Player: "a", Name: name, Where: id}}},
		protocol.Chat{Channel: protocol.ChannelParty, ID: 1, From: "a", Name: "Ada", At: 1700000000123, Text: "hello"},
		protocol.Chat{Channel: 255, ID: most, Stamp: math.MaxUint32, From: protocol.PlayerID(id), Name: name, To: protocol.PlayerID(id),
			At: most, Text: strings.Repeat("ä", 128), Refused: id},
		protocol.Chat{Channel: protocol.ChannelWhisper, Stamp: 3, To: "b", Refused: "too_fast"},
	}
}

func TestGoldenSocial(t *testing.T) {
	g := goldenSocial{About: "The messages of parties, friends and chat, and some that every reader must refuse. Fields are named as in PROTOCOL.md."}
	add := func(from string, parse func([]byte) (protocol.Control, error), all []protocol.Control) {
		for _, m := range all {
			b := protocol.Append(nil, m)
			if got, err := parse(b); err != nil || !reflect.DeepEqual(got, m) {
				t.Errorf("%x: got %+v, %v, want %+v", b, got, err, m)
			}
			g.Messages = append(g.Messages, goldenMessage{from, strings.ToLower(reflect.TypeOf(m).Name()), hex.EncodeToString(b), socialJSON(m)})
		}
	}
	add("client", protocol.ParseClient, socialSays())
	add("server", protocol.ParseServer, socialNews())
	for _, m := range []goldenBad{
		{"client", "a say without its text", nil, "94fa0101a0"},
		{"client", "a channel of 256", nil, "95facd010001a0a0"},
		{"client", "a text of 1025 bytes", nil, "95fa0101a0da0401" + strings.Repeat("61", 1025)},
		{"client", "nil for whom", nil, "95fa0101c0a0"},
		{"server", "a tie there is not", nil, "93f1c29196a161a0040 0c2a0"},
		{"server", "a state there is not", nil, "93f1c29196a161a0010 4c2a0"},
		{"server", "a friend of five elements", nil, "93f1c29195a161a00100c2"},
		{"server", "a party without its invitations", nil, "99f207a0a000a0a09090"},
		{"server", "65 members", nil, "9af207a0a000a0a0" + "dc0041" + strings.Repeat("93a0a0c2", 65) + "9090"},
		{"server", "a revision beyond 53 bits", nil, "9af2cf0020000000000000a0a000a0a0909090"},
		{"server", "a chat with a text of 257 bytes", nil, "9af001010 1a0a0a000da0101" + strings.Repeat("61", 257) + "a0"},
	} {
		m.Hex = strings.ReplaceAll(m.Hex, " ", "")
		if err := refuse(t, m); !errors.Is(err, protocol.ErrMalformed) || errors.Is(err, protocol.ErrUnknown) {
			t.Errorf("%s, %s: got %v, want malformed", m.What, m.Note, err)
		}
		g.Refused = append(g.Refused, m)
	}
	compareGolden(t, "social", g)
}

func socialJSON(m protocol.Control) fields {
	switch m := m.(type) {
	case protocol.Say:
		return fields{"channel": m.Channel, "stamp": m.Stamp, "to": m.To, "text": m.Text}
	case protocol.Chat:
		return fields{"channel": m.Channel, "id": m.ID, "stamp": m.Stamp, "from": m.From, "name": m.Name, "to": m.To, "at": m.At,
			"text": m.Text, "refused": m.Refused}
	case protocol.Presence:
		return fields{"whole": m.Whole, "people": each(m.People, func(p protocol.PresenceOf) fields {
			return fields{"player": p.Player, "name": p.Name, "tie": p.Tie, "state": p.State, "joinable": p.Joinable, "where": p.Where}
		})}
	case protocol.Party:
		return fields{"revision": m.Revision, "id": m.ID, "leader": m.Leader, "most": m.Most, "mode": m.Mode, "ticket": m.Ticket,
			"members": each(m.Members, func(p protocol.PartyMember) fields {
				return fields{"player": p.Player, "name": p.Name, "here": p.Here}
			}),
			"invited": each(m.Invited, func(p protocol.PartyInvited) fields {
				return fields{"player": p.Player, "name": p.Name, "expires": p.Expires}
			}),
			"invitations": each(m.Invitations, func(i protocol.Invitation) fields {
				return fields{"party": i.Party, "by": i.By, "name": i.Name, "members": i.Members, "expires": i.Expires}
			})}
	}
	return fields{}
}

// FuzzSocial: what is taken of these messages comes back as it was, and no
// list is longer than it may be.
func FuzzSocial(f *testing.F) {
	addAll(f, "social.json")
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, parse := range []func([]byte) (protocol.Control, error){protocol.ParseClient, protocol.ParseServer} {
			m, err := parse(b)
			if err != nil {
				continue
			}
			switch m := m.(type) {
			case protocol.Party:
				if max(len(m.Members), len(m.Invited), len(m.Invitations)) > protocol.MaxParty {
					t.Fatalf("%x: a list is too long", b)
				}
			case protocol.Presence:
				if len(m.People) > protocol.MaxPresence {
					t.Fatalf("%x: a list is too long", b)
				}
			case protocol.Chat, protocol.Say:
			default:
				continue
			}
			if again, err := parse(protocol.Append(nil, m)); err != nil || !reflect.DeepEqual(m, again) {
				t.Fatalf("%x is %+v, and again %+v, %v", b, m, again, err)
			}
		}
	})
}

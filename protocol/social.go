package protocol

// This file holds the messages of parties, friends and chat outside of rooms
// and matches: the server's Party, Presence and Chat, and the client's Say.
// Everything else about them is asked for by REST.

// Limits of these messages.
const (
	MaxSay      = 1024      // bytes of what a client says; what is passed on is shorter
	MaxParty    = 64        // members, invited, and invitations, of each
	MaxPresence = 256       // people in one message
	max53       = 1<<53 - 1 // what JavaScript holds of a number
)

// A Channel is who hears what is said.
type Channel uint8

// The channels there are today.
const (
	ChannelParty   Channel = 1
	ChannelWhisper Channel = 2
	ChannelRoom    Channel = 3 // the room that the player is in
)

// Say says something: [-6, channel, stamp, to, text]. It is answered by a Chat
// with the same stamp.
type Say struct {
	Channel Channel
	Stamp   uint32   // the client's own, to know the answer by
	To      PlayerID // of a whisper, else empty
	Text    string
}

// Chat is what somebody has said, or why what was said is not passed on: [-16,
// channel, id, stamp, from, name, to, at, text, refused].
type Chat struct {
	Channel Channel
	ID      uint64 // names the line in a report; 0 if refused
	Stamp   uint32 // of the Say, to who said it; else 0
	From    PlayerID
	Name    string
	To      PlayerID // of a whisper
	At      int64    // Unix milliseconds
	Text    string   // as it was cleaned
	Refused string   // stable, empty if it was passed on: see PROTOCOL.md
}

// Party is a player's own party and the invitations to others, always whole:
// [-14, revision, id, leader, most, mode, ticket, members, invited,
// invitations]. An empty ID is no party.
type Party struct {
	Revision    uint64 // rises; one that is lower than another on this connection is out of date
	ID          string
	Leader      PlayerID
	Most        int    // members
	Mode        string // that the party is queued for, else empty
	Ticket      string // of the party, else empty
	Members     []PartyMember
	Invited     []PartyInvited
	Invitations []Invitation
}

// A PartyMember is one of a party, the longest first: [player, name, here].
type PartyMember struct {
	Player PlayerID
	Name   string
	Here   bool // connected
}

// A PartyInvited is who was asked into a party: [player, name, expires].
type PartyInvited struct {
	Player  PlayerID
	Name    string
	Expires int64 // Unix seconds
}

// An Invitation is a party that asks this player in: [party, player, name,
// members, expires].
type Invitation struct {
	Party   string
	By      PlayerID
	Name    string
	Members int
	Expires int64 // Unix seconds
}

// Presence is how a player's friends are, whole or what changed: [-15, whole,
// [[player, name, tie, state, joinable, where]…]].
type Presence struct {
	Whole  bool // forget who is not in it
	People []PresenceOf
}

// A PresenceOf is one of them.
type PresenceOf struct {
	Player   PlayerID
	Name     string
	Tie      Tie
	State    PresenceState
	Joinable bool
	Where    string // of the room or match, if joinable
}

// A Tie is what two players are to each other, from one's side.
type Tie uint8

// The ties.
const (
	TieNone   Tie = iota // not any more: forget them
	TieFriend            // the only one that shows a state
	TieAsked             // this player has asked the other
	TieAsks              // the other has asked
)

// PresenceState is where a player is.
type PresenceState uint8

// The states of presence.
const (
	Offline PresenceState = iota
	Online
	InLobby
	InMatch
)

func (m Say) encode(e *encoder) {
	e.open(TypeSay, 4)
	e.uint(uint64(m.Channel))
	e.uint(uint64(m.Stamp))
	e.str(string(m.To))
	e.str(m.Text)
}

func (d *decoder) say() Say {
	return Say{Channel(d.int(0, 255)), uint32(d.int(0, 1<<32-1)), PlayerID(d.str(maxID)), d.str(MaxSay)}
}

func (m Chat) encode(e *encoder) {
	e.open(TypeChat, 9)
	e.uint(uint64(m.Channel))
	e.uint(m.ID)
	e.uint(uint64(m.Stamp))
	e.str(string(m.From))
	e.str(m.Name)
	e.str(string(m.To))
	e.int(m.At)
	e.str(m.Text)
	e.str(m.Refused)
}

func (d *decoder) chat() Chat {
	return Chat{Channel(d.int(0, 255)), uint64(d.int(0, max53)), uint32(d.int(0, 1<<32-1)), PlayerID(d.str(maxID)),
		d.str(maxName), PlayerID(d.str(maxID)), d.int(0, max53), d.str(maxText), d.str(maxID)}
}

func (m Presence) encode(e *encoder) {
	e.open(TypePresence, 2)
	e.bool(m.Whole)
	e.array(len(m.People))
	for _, p := range m.People {
		e.array(6)
		e.str(string(p.Player))
		e.str(p.Name)
		e.uint(uint64(p.Tie))
		e.uint(uint64(p.State))
		e.bool(p.Joinable)
		e.str(p.Where)
	}
}

func (d *decoder) presence() Presence {
	m := Presence{Whole: d.bool()}
	for range d.array(0, MaxPresence) {
		n := d.array(6, 16)
		m.People = append(m.People, PresenceOf{PlayerID(d.str(maxID)), d.str(maxName), Tie(d.int(0, int64(TieAsks))),
			PresenceState(d.int(0, int64(InMatch))), d.bool(), d.str(maxID)})
		d.rest(n, 6)
	}
	return m
}

package protocol

func (m Party) encode(e *encoder) {
	e.open(TypeParty, 9)
	e.uint(m.Revision)
	e.str(m.ID)
	e.str(string(m.Leader))
	e.int(int64(m.Most))
	e.str(m.Mode)
	e.str(m.Ticket)
	e.array(len(m.Members))
	for _, p := range m.Members {
		e.array(3)
		e.str(string(p.Player))
		e.str(p.Name)
		e.bool(p.Here)
	}
	e.array(len(m.Invited))
	for _, p := range m.Invited {
		e.array(3)
		e.str(string(p.Player))
		e.str(p.Name)
		e.int(p.Expires)
	}
	e.array(len(m.Invitations))
	for _, i := range m.Invitations {
		e.array(5)
		e.str(i.Party)
		e.str(string(i.By))
		e.str(i.Name)
		e.int(int64(i.Members))
		e.int(i.Expires)
	}
}

func (d *decoder) party() Party {
	m := Party{Revision: uint64(d.int(0, max53)), ID: d.str(maxID), Leader: PlayerID(d.str(maxID)),
		Most: int(d.int(0, MaxParty)), Mode: d.str(maxID), Ticket: d.str(maxID)}
	for range d.array(0, MaxParty) {
		n := d.array(3, 16)
		m.Members = append(m.Members, PartyMember{PlayerID(d.str(maxID)), d.str(maxName), d.bool()})
		d.rest(n, 3)
	}
	for range d.array(0, MaxParty) {
		n := d.array(3, 16)
		m.Invited = append(m.Invited, PartyInvited{PlayerID(d.str(maxID)), d.str(maxName), d.int(0, max53)})
		d.rest(n, 3)
	}
	for range d.array(0, MaxParty) {
		n := d.array(5, 16)
		m.Invitations = append(m.Invitations, Invitation{d.str(maxID), PlayerID(d.str(maxID)), d.str(maxName),
			int(d.int(0, MaxParty)), d.int(0, max53)})
		d.rest(n, 5)
	}
	return m
}

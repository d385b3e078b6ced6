package protocol

// A MailReader is a client's side of mail: it says which notices are new, and
// what to answer. Seen outlives connections, and where a client can the
// program: with it each notice is new once. The zero value has seen nothing.
type MailReader struct {
	Seen uint64 // the newest notice that was new

	at    uint64 // the newest one sent on this connection
	begun bool   // this connection has had its beginning
}

// Connected forgets what the connection before had under way.
func (r *MailReader) Connected() { r.at, r.begun = 0, false }

// Take returns the notices that are new, to be shown in this order, and then
// the answer to send. Where something is missing before them nothing is new,
// and the answer asks for all of it.
func (r *MailReader) Take(m Mail) (fresh []MailNotice, answer MailAck) {
	if m.After != 0 && (!r.begun || m.After != r.at) {
		return nil, MailAck{}
	}
	r.begun = true
	for _, n := range m.Notices {
		if r.at = n.ID; n.ID > r.Seen {
			fresh = append(fresh, n)
			r.Seen = n.ID
		}
	}
	return fresh, MailAck{r.at}
}

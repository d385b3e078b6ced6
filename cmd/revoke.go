package cmd

import (
	"errors"
	"net/http"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// openSocket upgrades a player's request and shows the connection into the hall.
// A token that was taken back since it was checked is seen here, for the
// connection could not hear of it; one that just expires ends no connection.
func (s *Server) openSocket(w http.ResponseWriter, r *http.Request, who account.Caller) {
	conn, err := s.upgrader.Upgrade(w, r, who.Who(), who.Session)
	switch {
	case errors.Is(err, socket.ErrHandshake):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case err != nil:
		s.log.Debug("upgrade failed", "err", err)
	case s.accounts.Revoked(who):
		conn.Goodbye(protocol.Expired)
	case s.versions.Check(string(who.Game), r.Header) != nil:
		conn.Goodbye(protocol.UpdateRequired)
	default:
		s.hall.Take(conn, fresh{})
	}
}

// revoked ends the connections of those whose tokens were taken back, wherever
// they stand. Who is not to come back makes way for others in the queue.
func (s *Server) revoked(r account.Revocation) {
	s.upgrader.End(r.Player, r.Session, goodbye(r.Reason))
	if r.Reason == account.ReasonBanned || r.Reason == account.ReasonDeleted {
		s.lobby.Leave(r.Player)
	}
}

func goodbye(why account.Reason) protocol.Reason {
	switch why {
	case account.ReasonBanned:
		return protocol.Banned
	case account.ReasonDeleted:
		return protocol.Deleted
	case account.ReasonRole:
		return protocol.Expired // the next token has the new role
	}
	return protocol.LoggedOut
}

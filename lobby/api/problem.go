package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/hooks"
	"github.com/musterhq/muster/lobby/mail"
	"github.com/musterhq/muster/lobby/saves"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/lobby/version"
	"github.com/musterhq/muster/protocol/bus"
)

// A problem is an error as RFC 9457 has it. Code is stable, for programs;
// Detail is for people.
type problem struct {
	Type   string         `json:"type"` // always about:blank: Code says more
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Code   string         `json:"code"`
	Detail string         `json:"detail"`
	Ticket store.TicketID `json:"ticket,omitempty"` // with ticket_exists: the one there is
	Until  time.Time      `json:"until,omitzero"`   // with banned
	Reason string         `json:"reason,omitempty"` // with banned, for the player
	Rule   string         `json:"rule,omitempty"`   // with name_invalid: the one that the name breaks
	Least  string         `json:"least,omitempty"`  // with update_required: the version that may play
}

// A refusal is an error that knows its status and code. Errors of the lobby
// are mapped to one by refusalOf.
type refusal struct {
	status int
	code   string
	detail string
	after  time.Duration // when it may work, for Retry-After; zero: not by waiting
	ticket store.TicketID
	ban    account.Ban
	rule   string // of names
	least  string // version of clients
}

func (r *refusal) Error() string { return r.code + ": " + r.detail }

// Refusals that only this package knows.
var (
	errRoute       = &refusal{status: 404, code: "not_found", detail: "There is nothing at this path."}
	errMethod      = &refusal{status: 405, code: "method_not_allowed", detail: "This path has other methods; see the Allow header."}
	errInternal    = &refusal{status: 500, code: "internal", detail: "Something is wrong with the server. The log knows more under this answer's X-Request-Id."}
	errBodySize    = &refusal{status: 413, code: "body_too_large", detail: "The body is too large."}
	errBody        = &refusal{status: 400, code: "body_invalid", detail: "The body is not the one JSON object that is expected here."}
	errContentType = &refusal{status: 415, code: "content_type_unsupported", detail: "A body is sent as Content-Type: application/json, in UTF-8 and not compressed."}
	errWait        = &refusal{status: 400, code: "wait_invalid", detail: "wait is a duration from 0s to 30s, such as 25s."}
	errState       = &refusal{status: 400, code: "state_invalid", detail: "state is one of waiting, offered, forming, placed, cancelled, failed."}
	errNoToken     = &refusal{status: 401, code: "token_missing", detail: "Log in, and send the access token as Authorization: Bearer."}
	errForbidden   = &refusal{status: 403, code: "forbidden", detail: "Your role does not allow this."}
	errOrigin      = &refusal{status: 403, code: "origin_forbidden", detail: "Pages of this origin may not open sockets here."}
	errUpgrade     = &refusal{status: 400, code: "upgrade_required", detail: "This path speaks WebSocket, version 13."}
	errSubprotocol = &refusal{status: 400, code: "subprotocol_required", detail: "Offer the WebSocket subprotocol muster.v1."}
	errAfter       = &refusal{status: 400, code: "after_invalid", detail: "after is the id of a report."}
	errLimit       = &refusal{status: 400, code: "limit_invalid", detail: "limit is a number from 0 to 100."}
	errRank        = &refusal{status: 403, code: "rank_too_low", detail: "The player is no less than you."}
	errCondition   = &refusal{status: 400, code: "condition_invalid", detail: "A condition is If-Match with the ETag of one version, or If-None-Match: *."}
	errUpgrades    = &refusal{status: 503, code: "busy", detail: "Too many sockets are being opened at this moment.", after: time.Second}
)

func tooMany(after time.Duration) *refusal {
	return &refusal{status: 429, code: "rate_limited", detail: "Too many requests. Try again after the seconds in Retry-After.", after: after}
}

// mapped are the errors of those who do the work.
var mapped = []struct {
	err error
	as  refusal
}{
	{account.ErrNameInvalid, refusal{status: 400, code: "name_invalid"}},
	{account.ErrTokenInvalid, refusal{status: 401, code: "token_invalid"}},
	{account.ErrTokenExpired, refusal{status: 401, code: "token_expired"}},
	{account.ErrTokenRevoked, refusal{status: 401, code: "token_revoked"}},
	{account.ErrBanned, refusal{status: 403, code: "banned"}},
	{account.ErrGameUnknown, refusal{status: 404, code: "game_unknown"}},
	{account.ErrCredentials, refusal{status: 401, code: "login_failed"}},
	{account.ErrSlowDown, refusal{status: 429, code: "too_many_failures"}},
	{account.ErrBusy, refusal{status: 503, code: "login_busy"}},
	{account.ErrNameTaken, refusal{status: 409, code: "username_taken"}},
	{account.ErrHasUsername, refusal{status: 409, code: "username_exists"}},
	{account.ErrPasswordLength, refusal{status: 400, code: "password_length"}},
	{account.ErrPasswordCommon, refusal{status: 400, code: "password_common"}},
	{account.ErrDeviceInvalid, refusal{status: 400, code: "device_invalid"}},
	{account.ErrTaken, refusal{status: 409, code: "credential_taken"}},
	{account.ErrTooMany, refusal{status: 409, code: "credentials_full"}},
	{account.ErrLastCredential, refusal{status: 409, code: "last_credential"}},
	{account.ErrProviderUnknown, refusal{status: 404, code: "provider_unknown"}},
	{account.ErrProvider, refusal{status: 502, code: "provider_failed"}},
	{account.ErrNotFound, refusal{status: 404, code: "player_unknown"}},
	{account.ErrBanInvalid, refusal{status: 400, code: "ban_invalid"}},
	{account.ErrLastAdmin, refusal{status: 409, code: "last_admin"}},
	{account.ErrRoleUnknown, refusal{status: 400, code: "role_unknown"}},
	{account.ErrServiceKeyName, refusal{status: 400, code: "service_key_name_invalid"}},
	{bus.ErrNoSpace, refusal{status: 503, code: "storage_unavailable", after: 30 * time.Second}},
	{bus.ErrDown, refusal{status: 503, code: "storage_unavailable", after: 5 * time.Second}},
	{hooks.ErrURL, refusal{status: 400, code: "url_invalid"}},
	{hooks.ErrTarget, refusal{status: 400, code: "target_forbidden"}},
	{hooks.ErrTypes, refusal{status: 400, code: "types_invalid"}},
	{hooks.ErrType, refusal{status: 400, code: "type_unknown"}},
	{hooks.ErrNotFound, refusal{status: 404, code: "webhook_not_found"}},
	{hooks.ErrTooMany, refusal{status: 409, code: "webhooks_full"}},
	{version.ErrUpdate, refusal{status: 426, code: "update_required"}},
	{version.ErrVersion, refusal{status: 400, code: "version_invalid"}},
	{saves.ErrKey, refusal{status: 400, code: "key_invalid"}},
	{saves.ErrForbidden, refusal{status: 403, code: "save_forbidden"}},
	{saves.ErrNotFound, refusal{status: 404, code: "save_not_found"}},
	{saves.ErrQuota, refusal{status: 409, code: "quota_exceeded"}},
	{saves.ErrBusy, refusal{status: 409, code: "saves_busy"}},
	{saves.ErrVersion, refusal{status: 412, code: "version_mismatch"}},
	{saves.ErrTooBig, refusal{status: 413, code: "value_too_large"}},
	{lobby.ErrMatchNotFound, refusal{status: 404, code: "match_not_found"}},
	{lobby.ErrNotInMatch, refusal{status: 404, code: "player_not_in_match"}},
	{lobby.ErrWatch, refusal{status: 403, code: "watch_forbidden"}},
	{lobby.ErrWatchFull, refusal{status: 409, code: "spectators_full"}},
	{lobby.ErrPlaysHere, refusal{status: 409, code: "plays_here"}},
	{lobby.ErrMatchBusy, refusal{status: 503, code: "match_busy"}},
	{lobby.ErrNoHost, refusal{status: 503, code: "no_host"}},
	{lobby.ErrModeUnknown, refusal{status: 404, code: "mode_unknown"}},
	{lobby.ErrPings, refusal{status: 400, code: "pings_invalid"}},
	{lobby.ErrProps, refusal{status: 400, code: "props_invalid"}},
	{lobby.ErrParty, refusal{status: 409, code: "party_too_large"}},
	{lobby.ErrTicketNotFound, refusal{status: 404, code: "ticket_not_found"}},
	{lobby.ErrNoOffer, refusal{status: 409, code: "no_offer"}},
	{lobby.ErrTicketExists, refusal{status: 409, code: "ticket_exists"}},
	{lobby.ErrTicketPlaced, refusal{status: 409, code: "ticket_placed"}},
	{lobby.ErrTooManyPolls, refusal{status: 429, code: "too_many_polls", after: time.Second}},
	{lobby.ErrQueueFull, refusal{status: 503, code: "queue_full", after: 5 * time.Second}},
	{lobby.ErrDraining, refusal{status: 503, code: "draining", after: 5 * time.Second}},

	{social.ErrPlayerUnknown, refusal{status: 404, code: "player_unknown"}},
	{social.ErrSelf, refusal{status: 400, code: "player_self"}},
	{social.ErrFriends, refusal{status: 409, code: "friends_already"}},
	{social.ErrNotFriends, refusal{status: 404, code: "friend_not_found"}},
	{social.ErrNoRequest, refusal{status: 404, code: "request_not_found"}},
	{social.ErrFriendsFull, refusal{status: 409, code: "friends_full"}},
	{social.ErrRequestsFull, refusal{status: 409, code: "requests_full"}},
	{social.ErrTheirsFull, refusal{status: 409, code: "theirs_full"}},
	{social.ErrBlocking, refusal{status: 409, code: "blocking"}},
	{social.ErrBlocksFull, refusal{status: 409, code: "blocks_full"}},
	{social.ErrNotBlocked, refusal{status: 404, code: "not_blocked"}},
	{social.ErrNotMuted, refusal{status: 404, code: "not_muted"}},
	{social.ErrMuteInvalid, refusal{status: 400, code: "silence_invalid"}},
	{social.ErrNoParty, refusal{status: 404, code: "no_party"}},
	{social.ErrNoInvitation, refusal{status: 404, code: "invitation_not_found"}},
	{social.ErrNotMember, refusal{status: 404, code: "member_not_found"}},
	{social.ErrMember, refusal{status: 409, code: "member_already"}},
	{social.ErrInOtherParty, refusal{status: 409, code: "in_other_party"}},
	{social.ErrPartyFull, refusal{status: 409, code: "party_full"}},
	{social.ErrInvitesFull, refusal{status: 409, code: "invites_full"}},
	{social.ErrNotLeader, refusal{status: 403, code: "not_leader"}},
	{social.ErrPartyAway, refusal{status: 409, code: "party_away"}},
	{social.ErrPartyQueued, refusal{status: 409, code: "party_queued"}},
	{social.ErrNotQueued, refusal{status: 404, code: "party_not_queued"}},
	{social.ErrReportInvalid, refusal{status: 400, code: "report_invalid"}},
	{social.ErrNoMessage, refusal{status: 404, code: "message_not_found"}},
	{social.ErrNoReport, refusal{status: 404, code: "report_not_found"}},
	{social.ErrTooFast, refusal{status: 429, code: "too_fast", after: time.Minute}},
	{mail.ErrKind, refusal{status: 400, code: "kind_invalid"}},
	{mail.ErrText, refusal{status: 400, code: "text_invalid"}},
}

func refusalOf(err error) refusal {
	var r *refusal
	if errors.As(err, &r) {
		return *r
	}
	for _, m := range mapped {
		if errors.Is(err, m.err) {
			r := m.as
			r.detail = sentence(m.err.Error())
			r.more(err)
			return r
		}
	}
	return *errInternal
}

// more takes from an error what else it says.
func (r *refusal) more(err error) {
	var wait *account.WaitError
	if errors.As(err, &wait) {
		r.after = wait.Retry
	}
	var banned *account.BannedError
	if errors.As(err, &banned) {
		r.ban = banned.Ban
	}
	var name *account.NameError
	if errors.As(err, &name) {
		r.rule, r.detail = name.Rule, sentence(name.Error())
	}
	var old *version.UpdateError
	if errors.As(err, &old) {
		r.least, r.detail = old.Least, sentence(old.Error())
	}
}

// sentence makes an error's text one.
func sentence(s string) string { return string(s[0]&^0x20) + s[1:] + "." }

// refuse answers with the problem err is, and ends the request.
func refuse(c *gin.Context, err error) {
	r := refusalOf(err)
	if r.code == errInternal.code {
		c.Error(err) // the access log has it
	}
	if busy := r.status == http.StatusTooManyRequests || r.status == http.StatusServiceUnavailable; busy && r.after <= 0 {
		r.after = time.Second
	}
	if r.after > 0 {
		seconds := (r.after + time.Second - 1) / time.Second
		c.Header("Retry-After", strconv.Itoa(int(seconds)))
	}
	if r.status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", "Bearer")
	}
	c.Set(keyCode, r.code)
	body, _ := json.Marshal(problem{"about:blank", http.StatusText(r.status), r.status, r.code, r.detail, r.ticket, r.ban.Until, r.ban.Reason, r.rule, r.least})
	c.Abort()
	c.Data(r.status, "application/problem+json", body)
}

package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/musterhq/muster/protocol"
)

// Watch asks for a match to be watched, where the player may: Join with what it
// returns is without a seat, and a Bot has nothing to do there.
func (s *Session) Watch(ctx context.Context, id protocol.MatchID) (a Assignment, err error) {
	err = s.do(ctx, http.MethodPost, matchPath(id)+"/watch", nil, &a)
	return a, err
}

// Running lists matches that run and that a filter wants, as the parameters of
// GET /v1/matches have it, and what is to be its "after" for more; empty if
// these are all.
func (s *Session) Running(ctx context.Context, filter url.Values) (all []Match, next string, err error) {
	var answer struct {
		Matches []Match
		Next    string
	}
	err = s.do(ctx, http.MethodGet, "/v1/matches?"+filter.Encode(), nil, &answer)
	return answer.Matches, answer.Next, err
}

package api

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWishesOverHTTP(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		many := `"map":"pit"`
		for i := range 60 {
			many += fmt.Sprintf(`,"p%d":"x"`, i)
		}
		for i, test := range []struct {
			body   string
			status int
			code   string
		}{
			{`{"mode":"pairs"}`, 201, ""},
			{`{"mode":"pairs","pings":{"eu":20,"us":110},"props":{"map":"pit"},"fresh":true}`, 201, ""},
			{`{"mode":"pairs","pings":{},"props":{},"fresh":false}`, 201, ""},
			{`{"mode":"pairs","pings":{"eu":0}}`, 400, "pings_invalid"},
			{`{"mode":"pairs","pings":{"eu":-5}}`, 400, "pings_invalid"},
			{`{"mode":"pairs","pings":{"eu":null}}`, 400, "pings_invalid"},
			{`{"mode":"pairs","pings":{"eu":10001}}`, 400, "pings_invalid"},
			{`{"mode":"pairs","pings":{"eu":9223372036854775807}}`, 400, "pings_invalid"},
			{`{"mode":"pairs","pings":{"eu":9223372036854775808}}`, 400, "body_invalid"},
			{`{"mode":"pairs","pings":{"eu":1.5}}`, 400, "body_invalid"},
			{`{"mode":"pairs","pings":{"mars":20}}`, 400, "pings_invalid"},
			{`{"mode":"pairs","pings":{"eu":20,"eu":30}}`, 400, "body_invalid"},
			{`{"mode":"pairs","pings":[20]}`, 400, "body_invalid"},
			{`{"mode":"pairs","props":{"colour":"red"}}`, 400, "props_invalid"},
			{`{"mode":"pairs","props":{"map":""}}`, 400, "props_invalid"},
			{`{"mode":"pairs","props":{"map":"` + strings.Repeat("x", 65) + `"}}`, 400, "props_invalid"},
			{`{"mode":"pairs","props":{` + many + `}}`, 400, "props_invalid"},
			{`{"mode":"pairs","props":{"map":{"a":1}}}`, 400, "body_invalid"},
			{`{"mode":"pairs","fresh":"yes"}`, 400, "body_invalid"},
			{`{"mode":"duel","pings":{"eu":20}}`, 201, ""}, // measured for another mode
			{`{"mode":"duel","pings":{"mars":20}}`, 400, "pings_invalid"},
			{`{"mode":"duel","props":{"map":"pit"}}`, 400, "props_invalid"},
		} {
			_, bearer := s.guest(fmt.Sprint("Player ", i))
			s.ask("POST", "/v1/tickets", test.body, bearer).is(test.body, test.status, test.code)
		}
	})
}

// four queues four players for pairs, which asks whether they accept.
func (s *site) four() (paths, bearers []string) {
	for i := range 4 {
		_, bearer := s.guest(fmt.Sprint("Player ", i))
		paths = append(paths, "/v1/tickets/"+string(s.ticket(bearer, "pairs").ID))
		bearers = append(bearers, bearer)
	}
	time.Sleep(time.Second)
	return paths, bearers
}

func TestAMatchIsAccepted(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		paths, bearers := s.four()
		for i := range paths {
			s.ask("GET", paths[i], "", bearers[i]).is("offered", 200, "")
			s.ask("POST", paths[i]+"/accept", "", bearers[(i+1)%4]).is("another's", 404, "ticket_not_found")
		}
		for range 2 {
			for i := range 3 {
				s.ask("POST", paths[i]+"/accept", "", bearers[i]).is("accepted", 204, "")
			}
		}
		time.Sleep(time.Second)
		var x ticketBody
		s.ask("GET", paths[0], "", bearers[0]).is("one is missing", 200, "").read(&x)
		if o := *x.Offer; x.State != "offered" || o.Left < 18000 || o.Left > 18200 || o.Players != 4 || o.Accepted != 3 || !o.You {
			t.Errorf("%+v, offer %+v", x, x.Offer)
		}
		s.ask("POST", paths[3]+"/accept", "", bearers[3]).is("the last", 204, "")
		time.Sleep(4 * time.Second)
		for i := range paths {
			s.ask("GET", paths[i], "", bearers[i]).is("placed", 200, "").read(&x)
			if x.State != "placed" || x.Assignment.Pass != fmt.Sprint("pass-", i) {
				t.Errorf("%+v", x)
			}
			s.ask("POST", paths[i]+"/decline", "", bearers[i]).is("too late", 409, "no_offer")
			s.ask("POST", paths[i]+"/accept", "", bearers[i]).is("too late", 409, "no_offer")
		}
	})
}

func TestAMatchIsDeclined(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		paths, bearers := s.four()
		s.ask("POST", paths[1]+"/decline", "", bearers[1]).is("declined", 204, "")
		synctest.Wait()
		time.Sleep(time.Second)
		for i := range paths {
			var x ticketBody
			s.ask("GET", paths[i], "", bearers[i]).is("afterwards", 200, "").read(&x)
			switch {
			case i == 1 && (x.State != "cancelled" || x.Reason != "declined"):
				t.Errorf("the decliner: %+v", x)
			case i != 1 && (x.State != "waiting" || x.Waiting.Waited != 2000 || x.Waiting.Why != "alone" || x.Waiting.InRange != 2):
				t.Errorf("the others: %+v, %+v", x, x.Waiting)
			}
		}
		s.ask("POST", paths[0]+"/accept", "", bearers[0]).is("nothing to accept", 409, "no_offer")
		s.ask("POST", "/v1/tickets/x/decline", "", bearers[0]).is("no ticket", 404, "ticket_not_found")
		s.ask("POST", paths[0]+"/decline", "").is("nobody", 401, "token_missing")
	})
}

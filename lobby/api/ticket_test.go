package api

import (
	"fmt"
	"strings"
	"testing"
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
			{`{"mode":"duel","pings":{"eu":20}}`, 400, "pings_invalid"},
			{`{"mode":"duel","props":{"map":"pit"}}`, 400, "props_invalid"},
		} {
			_, bearer := s.guest(fmt.Sprint("Player ", i))
			s.ask("POST", "/v1/tickets", test.body, bearer).is(test.body, test.status, test.code)
		}
	})
}

package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/account"
)

// by is how the audit log names who a person is.
func (p person) by() string {
	p.t.Helper()
	who, err := p.cfg.Accounts.Identify(strings.TrimPrefix(p.bearer, "Authorization: Bearer "))
	if err != nil {
		p.t.Fatal(err)
	}
	name := string(who.Player)
	if who.Role == account.RoleService {
		name = fmt.Sprintf("%q", "service "+who.Name)
	}
	return fmt.Sprintf("%s role=%s game=%s login=%s", name, who.Role, who.Game, who.Session)
}

// audited is the audit line of an answer.
func (a answer) audited(s *site) string {
	a.t.Helper()
	lines := regexp.MustCompile(`(?m)^.*level=INFO msg=audit (.* request=`+a.Header().Get("X-Request-Id")+` .*)$`).FindAllStringSubmatch(s.log.String(), -1)
	if len(lines) != 1 {
		a.t.Fatalf("%s %s: %d audit lines", a.to.Method, a.to.URL, len(lines))
	}
	return strings.Replace(lines[0][1], "request="+a.Header().Get("X-Request-Id")+" ", "", 1)
}

// TestAudit: one line a deed, however it ends.
func TestAudit(t *testing.T) {
	onSite(t, nil, func(s *site) {
		a, err := newAPI(s.cfg)
		if err == nil {
			s.Handler, err = a.routes()
		}
		if err != nil {
			t.Fatal(err)
		}
		s.free = true // these routes are in no document
		a.serve("POST", "/test/:id/ban", func(c *gin.Context) { c.Status(http.StatusNoContent) }, audited("player.ban"), a.players())
		a.serve("POST", "/test/:id/mute", func(c *gin.Context) {
			aim(c, "somebody")
			refuse(c, lobby.ErrTicketNotFound)
		}, audited("player.mute"))
		a.serve("POST", "/test/:id/kick/:from", func(c *gin.Context) { panic("a bug") }, audited("player.kick"))
		ada := s.person("Ada")
		for _, test := range []struct {
			path    string
			headers []string
			want    string
		}{
			{"/test/x/ban", []string{ada.bearer}, "action=player.ban target=x actor=" + ada.by() + " outcome=ok status=204 from=192.0.2.1"},
			{"/test/x/ban", nil, `action=player.ban target=x actor="" outcome=token_missing status=401 from=192.0.2.1`},
			{"/test/x/mute", nil, `action=player.mute target=somebody actor="" outcome=ticket_not_found status=404 from=192.0.2.1`},
			{"/test/x/kick/y", nil, `action=player.kick target=x actor="" outcome=internal status=500 from=192.0.2.1 how.from=y`},
			{"/test/a%0Amsg=x/kick/y", nil, `action=player.kick target="a\nmsg=x" actor="" outcome=internal status=500 from=192.0.2.1 how.from=y`},
		} {
			if got := s.ask("POST", test.path, "", test.headers...).audited(s); got != test.want {
				t.Errorf("%s\ngot  %s\nwant %s", test.path, got, test.want)
			}
		}
		if n := strings.Count(s.log.String(), "msg=audit"); n != 5 {
			t.Errorf("%d lines for 5 deeds", n)
		}
	})
}

// TestWhatIsAudited: of every deed the log says who did what to whom and how,
// and how it ended; also where somebody was refused who may not.
func TestWhatIsAudited(t *testing.T) {
	onPitch(t, func(s *site, _ *referee) {
		ada, eve := s.person("Ada"), s.person("Eve")
		mod, root, shop := s.with(account.RoleModerator), s.with(account.RoleAdmin), s.backEnd(game.DefaultGame)
		eve.comes()
		var report struct{ ID uint64 }
		eve.sends("POST", "/v1/reports", fmt.Sprintf(`{"player":%q,"reason":"aimbot"}`, ada.id)).is("report", 201, "").read(&report)
		ids := strings.NewReplacer("{ada}", string(ada.id), "{report}", fmt.Sprint(report.ID), "{match}", string(shop.launches(ada).ID),
			"{hook}", shop.hooked().ID, "{key}", s.spareKey())
		seen := map[string]bool{}
		for _, deed := range []struct {
			by            person
			request, body string
			outcome       string
			action        string // and its target
			how           string
		}{
			{mod, "GET /v1/players/{ada}/account", "", "ok status=200", "player.read target={ada}", ""},
			{shop, "GET /v1/players/{ada}/account/export", "", "ok status=200", "player.export target={ada}", ""},
			{mod, "PUT /v1/players/{ada}/ban", `{"until":"2040-01-02T03:04:05Z","reason":"wall \"hack\""}`, "ok status=204", "player.ban target={ada}", `how.until=2040-01-02T03:04:05.000Z how.reason="wall \"hack\""`},
			{mod, "PUT /v1/players/{ada}/ban", `{"until":"2000-01-01T00:00:00Z","reason":"x"}`, "ban_invalid status=400", "player.ban target={ada}", "how.until=2000-01-01T00:00:00.000Z how.reason=x"},
			{mod, "PUT /v1/players/" + string(root.id) + "/ban", banned, "rank_too_low status=403", "player.ban target=" + string(root.id), "how.until=2040-01-01T00:00:00.000Z how.reason=x"},
			{mod, "DELETE /v1/players/{ada}/ban", "", "ok status=204", "player.unban target={ada}", ""},
			{mod, "PUT /v1/players/{ada}/silence", `{"until":"2001-01-02T03:04:05Z","reason":"spam"}`, "ok status=204", "player.silence target={ada}", "how.until=2001-01-02T03:04:05.000Z how.reason=spam"},
			{mod, "DELETE /v1/players/{ada}/silence", "", "ok status=204", "player.unsilence target={ada}", ""},
			{mod, "POST /v1/players/{ada}/warning", `{"text":"Stop."}`, "ok status=201", "player.warn target={ada}", "how.text=Stop. how.notice={id}"},
			{shop, "POST /v1/players/{ada}/mail", `{"kind":"shop.gift","text":"A hat.","data":"secret","key":"gift-7"}`, "ok status=201", "player.mail target={ada}", `how.kind=shop.gift how.key=gift-7 how.text="A hat." how.notice={id}`},
			{mod, "POST /v1/reports/{report}/resolve", `{"verdict":"warned"}`, "ok status=204", "report.resolve target={report}", "how.verdict=warned how.against={ada}"},
			{mod, "POST /v1/reports/{report}/resolve", `{"verdict":"again"}`, "report_not_found status=404", "report.resolve target={report}", `how.verdict=again how.against=""`},
			{shop, "PUT /v1/players/{ada}/saves/purse", `{"value":{"gold":5},"service":true}`, "ok status=200", "save.put target={ada}", "how.key=purse how.public=false how.service=true how.bytes=10"},
			{shop, "DELETE /v1/players/{ada}/saves/purse", "", "ok status=204", "save.delete target={ada}", "how.key=purse"},
			{shop, "PUT /v1/client", `{"least":"2.1"}`, "ok status=200", `client.least target=""`, "how.least=2.1"},
			{shop, "PUT /v1/client", `{"least":""}`, "ok status=200", `client.least target=""`, `how.least=""`},
			{shop, "PUT /v1/webhooks/{hook}", `{"url":"https://studio.example/x?token=1","types":["*"]}`, "ok status=200", "webhook.set target={hook}", "how.types=[*] how.url=https://studio.example/x"},
			{shop, "POST /v1/webhooks/{hook}/disable", "", "ok status=200", "webhook.disable target={hook}", ""},
			{shop, "POST /v1/webhooks/{hook}/enable", "", "ok status=200", "webhook.enable target={hook}", ""},
			{shop, "POST /v1/webhooks/{hook}/secret", "", "ok status=200", "webhook.secret target={hook}", ""},
			{shop, "DELETE /v1/webhooks/{hook}", "", "ok status=204", "webhook.remove target={hook}", ""},
			{shop, "POST /v1/webhooks", aHook, "ok status=201", "webhook.add target={id}", "how.types=[match.ended] how.url=https://studio.example/muster"},
			{shop, "POST /v1/matches/{match}/kick", `{"player":"{ada}"}`, "ok status=204", "match.kick target={match}", "how.player={ada}"},
			{shop, "POST /v1/matches/{match}/end", "", "ok status=204", "match.end target={match}", ""},
			{shop, "POST /v1/matches", `{"mode":"ffa","players":[{"id":"{ada}"}]}`, "ok status=201", "match.create target={id}", "how.mode=ffa how.players=[{ada}]"},
			{shop, "POST /v1/matches", `{"mode":"chess","players":[]}`, "mode_unknown status=404", `match.create target=""`, "how.mode=chess how.players=[]"},
			{root, "POST /v1/service-keys", `{"name":"till"}`, "ok status=201", "service_key.create target={id}", "how.name=till"},
			{root, "DELETE /v1/service-keys/{key}", "", "ok status=204", "service_key.revoke target={key}", ""},
			{root, "PUT /v1/players/{ada}/role", `{"role":"moderator"}`, "ok status=204", "player.role target={ada}", "how.role=moderator"},
			{root, "PUT /v1/players/{ada}/role", `{"role":"player"}`, "ok status=204", "player.role target={ada}", "how.role=player"},
			{root, "POST /v1/players/{ada}/logout", "", "ok status=204", "player.logout target={ada}", ""},
			{shop, "DELETE /v1/players/{ada}/account", "", "ok status=204", "player.delete target={ada}", ""},
		} {
			method, path, _ := strings.Cut(ids.Replace(deed.request), " ")
			action, _, _ := strings.Cut(deed.action, " ")
			seen[action] = true
			refused := eve.sends(method, path, ids.Replace(deed.body)).is(deed.request, 403, "forbidden").audited(s)
			if !strings.Contains(refused, "action="+action+" ") || !strings.Contains(refused, " actor="+eve.by()+" outcome=forbidden status=403 from=192.0.2.1") {
				t.Errorf("%s, refused: %s", deed.request, refused)
			}
			done := deed.by.sends(method, path, ids.Replace(deed.body))
			var made struct{ ID json.RawMessage }
			if strings.Contains(deed.action+deed.how, "{id}") {
				done.read(&made)
			}
			want := strings.ReplaceAll(ids.Replace(fmt.Sprintf("action=%s actor=%s outcome=%s from=192.0.2.1 %s", deed.action, deed.by.by(), deed.outcome, deed.how)), "{id}", strings.Trim(string(made.ID), `"`))
			if got := done.audited(s); got != strings.TrimSpace(want) {
				t.Errorf("%s\ngot  %s\nwant %s", deed.request, got, want)
			}
		}
		if known := s.deeds(); !maps.Equal(known, seen) {
			t.Errorf("deeds are %v, seen are %v", slices.Sorted(maps.Keys(known)), slices.Sorted(maps.Keys(seen)))
		}
	})
}

// spareKey is the id of a service key.
func (s *site) spareKey() string {
	s.t.Helper()
	_, k, err := s.cfg.Accounts.NewServiceKey(s.t.Context(), game.DefaultGame, "spare")
	if err != nil {
		s.t.Fatal(err)
	}
	return k.ID
}

// deeds are the actions that some route is audited as. Whatever changes something
// and is not for every player is one.
func (s *site) deeds() map[string]bool {
	s.t.Helper()
	a, err := newAPI(s.cfg)
	if err == nil {
		_, err = a.routes()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range a.table {
		if r.path == "/v1/socket" || r.method == http.MethodHead {
			continue
		}
		path := regexp.MustCompile(`:\w+`).ReplaceAllString(r.path, strings.Repeat("a", 26))
		tried := s.person("Mallory").sends(r.method, path, "{}")
		line := regexp.MustCompile(`msg=audit action=(\S+) .* outcome=forbidden .*`).FindStringSubmatch(s.lineOf(tried))
		if line != nil {
			known[line[1]] = true
		} else if tried.Code == http.StatusForbidden && r.method != http.MethodGet && strings.Contains(tried.Body.String(), `"forbidden"`) {
			s.t.Errorf("%s %s is for some alone, and not audited", r.method, r.path)
		}
	}
	return known
}

// lineOf is the audit line of an answer, or "".
func (s *site) lineOf(a answer) string {
	return regexp.MustCompile(`(?m)^.*msg=audit .* request=` + a.Header().Get("X-Request-Id") + ` .*$`).FindString(s.log.String())
}

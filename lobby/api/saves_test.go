package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/saves"
	"github.com/musterhq/muster/protocol/bus"
)

// backEnd is a service of a game.
func (s *site) backEnd(of account.Game) person {
	s.t.Helper()
	key, _, err := s.cfg.Accounts.NewServiceKey(context.Background(), of, "shop")
	if err != nil {
		s.t.Fatal(err)
	}
	return person{site: s, bearer: "Authorization: Bearer " + key}
}

// of is a new guest of a game.
func (s *site) of(g account.Game, name string) (p person) {
	s.t.Helper()
	var session sessionBody
	s.ask("POST", "/v1/login/guest", fmt.Sprintf(`{"name":%q,"game":%q}`, name, g)).is("login", 200, "").read(&session)
	return person{s, session.Player.ID, "Authorization: Bearer " + session.Access, session.Refresh}
}

// on asks with one header more.
func (p person) on(condition, method, path, body string) answer {
	p.t.Helper()
	return p.ask(method, path, body, p.bearer, condition)
}

// saved reads a save out of an answer, whose ETag has to be its version.
func (a answer) saved(what string) (s saveBody) {
	a.t.Helper()
	a.is(what, 200, "").read(&s)
	if want := fmt.Sprintf(`"%d"`, s.Version); a.Header().Get("ETag") != want {
		a.t.Errorf("%s: ETag %s, want %s", what, a.Header().Get("ETag"), want)
	}
	return s
}

func TestSaves(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada := s.person("Ada")
		if body := ada.does("GET", "/v1/saves").is("none", 200, "").Body.String(); body != `{"saves":[]}` {
			t.Error(body)
		}
		ada.does("GET", "/v1/saves/slot").is("none yet", 404, "save_not_found")
		first := ada.sends("PUT", "/v1/saves/slot%201", `{"value": {"level": 3, "name": "<é>"}}`).saved("first")
		if first.Key != "slot 1" || first.Size != len(`{"level":3,"name":"<é>"}`) || first.Value != nil || first.Public || first.Service || !first.At.Equal(time.Now()) {
			t.Errorf("%+v", first)
		}
		var got struct {
			Value struct {
				Level int
				Name  string
			}
		}
		ada.does("GET", "/v1/saves/slot%201").is("get", 200, "").read(&got)
		if got.Value.Level != 3 || got.Value.Name != "<é>" {
			t.Errorf("%+v", got)
		}
		for _, value := range []string{`null`, `7`, `"text"`, `[]`, `[1,{"a":null}]`, `18446744073709551617.5e3`, `false`} {
			ada.sends("PUT", "/v1/saves/any", `{"value":`+value+`}`).saved(value)
			if s := ada.does("GET", "/v1/saves/any").saved(value); string(s.Value) != value {
				t.Errorf("%s has become %s", value, s.Value)
			}
		}
		var list struct{ Saves []saveBody }
		ada.does("GET", "/v1/saves").is("list", 200, "").read(&list)
		if len(list.Saves) != 2 || list.Saves[0].Key != "any" || list.Saves[1].Key != "slot 1" || list.Saves[1].Value != nil {
			t.Errorf("%+v", list)
		}
		ada.does("DELETE", "/v1/saves/any").is("delete", 204, "")
		ada.does("DELETE", "/v1/saves/any").is("again", 404, "save_not_found")
		ada.does("GET", "/v1/saves/any").is("gone", 404, "save_not_found")
	})
}

// everySaver calls with both who may write a player's saves, and where: the
// player, and a back end with another's.
func everySaver(s *site, with func(by person, base string)) {
	with(s.person("Ada"), "/v1/saves")
	with(s.backEnd(game.DefaultGame), "/v1/players/"+string(s.person("Bob").id)+"/saves")
}

// TestSavesCompareAndSet: who writes on a condition loses nobody else's.
func TestSavesCompareAndSet(t *testing.T) {
	onSite(t, unlimited, func(s *site) { everySaver(s, comparesAndSets) })
}

func comparesAndSets(by person, base string) {
	put := func(condition string) answer { return by.on(condition, "PUT", base+"/a", `{"value":1}`) }
	one := put("If-None-Match: *").saved("new")
	put("If-None-Match: *").is("there already", 412, "version_mismatch")
	two := put(fmt.Sprintf(`If-Match: "%d"`, one.Version)).saved("from one")
	put(fmt.Sprintf(`If-Match: "%d"`, one.Version)).is("from one again", 412, "version_mismatch")
	if two.Version <= one.Version {
		by.t.Error("versions do not rise")
	}
	by.on(fmt.Sprintf(`If-Match: "%d"`, one.Version), "DELETE", base+"/a", "").is("delete the old", 412, "version_mismatch")
	for _, wrong := range []string{`If-Match: *`, `If-Match: 1`, `If-Match: "0"`, `If-Match: W/"1"`, `If-Match: "1", "2"`, `If-Match: "-1"`, `If-Match: "x"`, `If-Match: `,
		`If-Match: "18446744073709551615"`, `If-Match: "`, `If-Match: "1`, `If-None-Match: "1"`, `If-None-Match: `} {
		put(wrong).is(wrong, 400, "condition_invalid")
		by.on(wrong, "DELETE", base+"/a", "").is(wrong, 400, "condition_invalid")
	}
	both := by.ask("PUT", base+"/a", `{"value":1}`, by.bearer, "If-None-Match: *", fmt.Sprintf(`If-Match: "%d"`, two.Version))
	both.is("both", 400, "condition_invalid")
	by.on(fmt.Sprintf(`If-Match: "%d"`, two.Version), "DELETE", base+"/a", "").is("delete", 204, "")
}

// TestPagesOfOtherOriginsSave on conditions: their browsers send them, and show
// the versions.
func TestPagesOfOtherOriginsSave(t *testing.T) {
	onSite(t, func(c *Config) { c.Origins = []string{"https://friend.example"} }, func(s *site) {
		h := s.ask("OPTIONS", "/v1/saves/slot", "", friend, "Access-Control-Request-Method: PUT").Header()
		allowed, headers := h.Get("Access-Control-Allow-Methods"), h.Get("Access-Control-Allow-Headers")
		if !strings.Contains(allowed, "PUT") || !strings.Contains(headers, "If-Match, If-None-Match, Muster-Client") {
			t.Errorf("they may %s with %s", allowed, headers)
		}
		put := s.ask("PUT", "/v1/saves/slot", `{"value":1}`, friend, s.person("Ada").bearer)
		if put.saved("put"); !strings.Contains(put.Header().Get("Access-Control-Expose-Headers"), "ETag") {
			t.Errorf("they are shown %s", put.Header().Get("Access-Control-Expose-Headers"))
		}
	})
}

func TestSavesHaveBounds(t *testing.T) {
	onSite(t, unlimited, func(s *site) { everySaver(s, keepsToBounds) })
}

func keepsToBounds(by person, base string) {
	put := func(key string, size int) answer {
		return by.sends("PUT", base+"/"+key, `{"value":"`+strings.Repeat("x", size-2)+`"}`)
	}
	put("big", 1025).is("one value", 413, "value_too_large")
	for i := range 4 {
		put(fmt.Sprint(i), 1024).saved("within the quota")
	}
	put("5", 3).is("beyond the quota", 409, "quota_exceeded")
	put("0", 3).saved("smaller")
	for i := 4; i < 8; i++ {
		put(fmt.Sprint(i), 3).saved("within the keys")
	}
	put("8", 3).is("one key more", 409, "quota_exceeded")
	put("0", 1<<20).is("a body beyond all", 413, "body_too_large")
	for _, key := range []string{strings.Repeat("k", 65), "%00", "a%0Ab", "%ff", "%7f"} {
		put(key, 3).is("key "+key, 400, "key_invalid")
		by.does("GET", base+"/"+key).is("key "+key, 404, "save_not_found")
		by.does("DELETE", base+"/"+key).is("key "+key, 404, "save_not_found")
	}
	for _, body := range []string{`{}`, `{"value":}`, `{"public":true}`, `{"value":{"a":1,"a":2}}`, `{"value":1,"version":3}`} {
		by.sends("PUT", base+"/0", body).is(body, 400, "body_invalid")
	}
}

// TestSavesOfOthers: back ends write what players may not, and players read of
// others what is public.
func TestSavesOfOthers(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		shop, root := s.backEnd(game.DefaultGame), s.person("Root").becomes(account.RoleAdmin)
		ada, bob := s.person("Ada"), s.person("Bob")
		const wallet, stats = "/v1/players/%s/saves/wallet", "/v1/players/%s/saves/stats"
		shop.sends("PUT", wallet, `{"value":{"gold":5},"service":true}`, ada).saved("wallet")
		shop.sends("PUT", stats, `{"value":{"wins":1},"service":true,"public":true}`, ada).saved("stats")
		ada.sends("PUT", "/v1/saves/slot", `{"value":1}`).saved("slot")

		for _, by := range []person{ada, shop, root} {
			if got := by.does("GET", wallet, ada).saved("wallet"); string(got.Value) != `{"gold":5}` || !got.Service {
				t.Errorf("%+v", got)
			}
		}
		ada.sends("PUT", "/v1/saves/wallet", `{"value":{"gold":5000}}`).is("more gold", 403, "save_forbidden")
		ada.does("DELETE", "/v1/saves/wallet").is("no gold", 403, "save_forbidden")
		ada.sends("PUT", "/v1/saves/mine", `{"value":1,"service":true}`).is("for services", 403, "save_forbidden")

		bob.does("GET", stats, ada).saved("public")
		bob.does("GET", wallet, ada).is("not public", 404, "save_not_found")
		var list struct{ Saves []saveBody }
		bob.does("GET", "/v1/players/%s/saves", ada).is("list", 200, "").read(&list)
		if len(list.Saves) != 1 || list.Saves[0].Key != "stats" {
			t.Errorf("a stranger is shown %+v", list)
		}
		for _, by := range []person{ada, bob, s.person("Mod").becomes(account.RoleModerator)} {
			by.sends("PUT", stats, `{"value":{"wins":9}}`, ada).is("by a player", 403, "forbidden")
			by.does("DELETE", stats, ada).is("by a player", 403, "forbidden")
		}
		root.does("DELETE", stats, ada).is("by an admin", 204, "")
		for _, verb := range [][2]string{{"GET", ""}, {"GET", "/x"}, {"PUT", "/x"}, {"DELETE", "/x"}} {
			shop.sends(verb[0], "/v1/players/%s/saves"+verb[1], `{"value":1}`, nobody).is("nobody's", 404, "player_unknown")
		}
		for _, want := range []string{"action=save.put target=" + string(ada.id) + " actor=", "action=save.delete target=" + string(ada.id) + " actor=" + string(root.id)} {
			if !strings.Contains(s.log.String(), want) {
				t.Errorf("no audit line %q", want)
			}
		}
	})
}

// TestSavesOfOtherGames are not there.
func TestSavesOfOtherGames(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada := s.person("Ada")
		ada.sends("PUT", "/v1/saves/a", `{"value":1,"public":true}`).saved("put")
		for _, foreign := range []person{s.backEnd("chess"), s.of("chess", "Eve")} {
			foreign.does("GET", "/v1/players/%s/saves", ada).is("list", 404, "player_unknown")
			foreign.does("GET", "/v1/players/%s/saves/a", ada).is("get", 404, "player_unknown")
		}
		shop := s.backEnd("chess")
		shop.sends("PUT", "/v1/players/%s/saves/a", `{"value":2}`, ada).is("put", 404, "player_unknown")
		shop.does("DELETE", "/v1/players/%s/saves/a", ada).is("delete", 404, "player_unknown")
		if got := ada.does("GET", "/v1/saves/a").saved("a"); string(got.Value) != "1" {
			t.Errorf("%s", got.Value)
		}
	})
}

// TestSavesOfTheDeleted: what was under way when an account was deleted leaves
// nothing behind.
func TestSavesOfTheDeleted(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		a, err := newAPI(s.cfg)
		if err != nil {
			t.Fatal(err)
		}
		of := account.Ref{Game: game.DefaultGame, Player: s.person("Ada").id}
		if err := s.cfg.Accounts.Delete(s.t.Context(), of); err != nil {
			t.Fatal(err)
		}
		if _, err := a.save(s.t.Context(), of, saves.Owner, saves.Draft{Key: "late", Value: []byte("1"), If: saves.Any}); !errors.Is(err, account.ErrNotFound) {
			t.Error(err)
		}
		if list, err := s.cfg.Saves.Export(s.t.Context(), string(of.Game), of.Player); err != nil || len(list) > 0 {
			t.Errorf("%v, %v is left", err, list)
		}
	})
}

// TestSavesAreBusy while as many are under way as may be.
func TestSavesAreBusy(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada := s.person("Ada")
		type coming struct {
			Blob uint64
			At   int64
		}
		type index struct{ Coming []coming } // that of package saves
		b, err := bus.OpenBucket[index](s.node, "saves", bus.Kept)
		if err != nil {
			t.Fatal(err)
		}
		var x index
		for i := range 16 {
			x.Coming = append(x.Coming, coming{uint64(i + 1), time.Now().Unix()})
		}
		if _, err := b.Create(s.t.Context(), game.DefaultGame+"\x00"+string(ada.id), x); err != nil {
			t.Fatal(err)
		}
		ada.sends("PUT", "/v1/saves/a", `{"value":1}`).is("put", 409, "saves_busy")
		s.backEnd(game.DefaultGame).sends("PUT", "/v1/players/%s/saves/a", `{"value":1}`, ada).is("put", 409, "saves_busy")
	})
}

func TestSavingIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, end := newSite(t, func(c *Config) {
			unlimited(c)
			c.Limits.PlayerSave, c.Limits.PlayerRead = Rate{1, 2}, Rate{1, 2}
		})
		defer end()
		ada, shop := s.person("Ada"), s.backEnd(game.DefaultGame)
		for range 2 {
			ada.sends("PUT", "/v1/saves/a", `{"value":1}`).saved("put")
			ada.does("GET", "/v1/saves/a").saved("get")
		}
		ada.sends("PUT", "/v1/saves/a", `{"value":1}`).is("too often", 429, "rate_limited")
		ada.does("DELETE", "/v1/saves/a").is("too often", 429, "rate_limited")
		ada.does("GET", "/v1/players/%s/saves/a", ada).is("too often", 429, "rate_limited")
		for range 5 {
			shop.does("GET", "/v1/players/%s/saves/a", ada).saved("a back end")
		}
		time.Sleep(time.Second)
		ada.sends("PUT", "/v1/saves/a", `{"value":1}`).saved("a second later")
	})
}

package api

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
)

const deviceKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8" // 0, 1, 2 …

// prove is the body of a device's login.
func (s *site) prove(device, key string) (body string) {
	s.t.Helper()
	var challenge struct{ Nonce string }
	s.ask("POST", "/v1/login/device/challenge", fmt.Sprintf(`{"device":%q}`, device)).is("challenge", 200, "").read(&challenge)
	k, err := bytesText.DecodeString(key)
	if err != nil {
		s.t.Fatal(err)
	}
	proof := bytesText.EncodeToString(account.DeviceProof(k, game.DefaultGame, device, challenge.Nonce))
	return fmt.Sprintf(`{"device":%q,"nonce":%q,"proof":%q}`, device, challenge.Nonce, proof)
}

func (s *site) loginDevice(device, key string) answer {
	s.t.Helper()
	return s.ask("POST", "/v1/login/device", s.prove(device, key))
}

func TestDevices(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		u := s.person("Ada")
		put := func(id, key string) answer {
			return u.sends("PUT", "/v1/account/devices/"+id, `{"key":"`+key+`"}`)
		}
		put("laptop", deviceKey).is("add", 204, "")
		if a := u.account(); a.Guest || len(a.Devices) != 1 || a.Devices[0] != "laptop" {
			t.Errorf("with a device: %+v", a)
		}
		if again := s.loginDevice("laptop", deviceKey).enter(s); again.id != u.id {
			t.Error("the device is somebody else's")
		}
		for what, key := range map[string]string{"short": "AAAA", "none": "", "no base64": "%", "padded": deviceKey + "="} {
			put("laptop", key).is(what, 400, "device_invalid")
		}
		put("a%20b", deviceKey).is("a bad id", 400, "device_invalid")
		other := "BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
		put("laptop", other).is("another key", 204, "")
		s.loginDevice("laptop", deviceKey).is("the old key", 401, "login_failed")
		s.loginDevice("laptop", other).is("the new key", 200, "")
		s.person("Eve").sends("PUT", "/v1/account/devices/laptop", `{"key":"`+deviceKey+`"}`).is("Ada's", 409, "credential_taken")
		for i := range 7 {
			put(fmt.Sprint("phone", i), deviceKey).is("more", 204, "")
		}
		put("ninth", deviceKey).is("a ninth", 409, "credentials_full")
		u.sends("DELETE", "/v1/account/devices/ninth", "").is("none of hers", 404, "credential_not_found")
		for i := range 7 {
			u.sends("DELETE", fmt.Sprint("/v1/account/devices/phone", i), "").is("remove", 204, "")
		}
		u.sends("DELETE", "/v1/account/devices/laptop", "").is("the last", 409, "last_credential")
		s.loginDevice("phone1", deviceKey).is("removed", 401, "login_failed")
	})
}

// TestProofs that are wrong, late or used are the same to whoever sends them.
func TestProofs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, end := newSite(t, unlimited)
		defer end()
		u := s.person("Ada")
		u.sends("PUT", "/v1/account/devices/laptop", `{"key":"`+deviceKey+`"}`).is("add", 204, "")
		right := s.prove("laptop", deviceKey)
		s.ask("POST", "/v1/login/device", right).is("right", 200, "")
		s.ask("POST", "/v1/login/device", right).is("again", 401, "login_failed")
		late := s.prove("laptop", deviceKey)
		time.Sleep(31 * time.Second)
		s.ask("POST", "/v1/login/device", late).is("late", 401, "login_failed")
		s.loginDevice("nobodys", deviceKey).is("a device of nobody", 401, "login_failed")
		for what, body := range map[string]string{
			"nothing": `{}`, "no proof": `{"device":"laptop","nonce":"x","proof":""}`, "no base64": `{"device":"laptop","nonce":"x","proof":"%"}`,
			"another game": right[:len(right)-1] + `,"game":"chess"}`,
		} {
			s.ask("POST", "/v1/login/device", body).is(what, 401, "login_failed")
		}
		s.ask("POST", "/v1/login/device", right[:len(right)-1]+`,"game":"other"}`).is("no game", 404, "game_unknown")
		s.ask("POST", "/v1/login/device/challenge", `{"device":"laptop","game":"other"}`).is("no game", 404, "game_unknown")
		s.ask("POST", "/v1/login/device/challenge", `{"device":"a b"}`).is("no device", 400, "device_invalid")
	})
}

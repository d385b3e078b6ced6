package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
)

// A Device is a machine that logs in by itself, with a key that it made. Its id
// is known to whoever asks for a challenge, so it had better be random.
type Device struct {
	ID  string // 1 to 64 letters, digits, dots, dashes and underscores
	Key []byte // 32 random bytes
}

// String keeps the key out of logs.
func (d Device) String() string { return d.ID }

// GoString does, too.
func (d Device) GoString() string { return d.ID }

const (
	deviceKeyBytes = 32
	maxDevices     = 8
)

func validDevice(id string) bool {
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("._-", rune(c)) {
			return false
		}
	}
	return len(id) >= 1 && len(id) <= 64
}

// AddDevice lets a device log in to an account, or returns ErrTaken,
// ErrDeviceInvalid or ErrTooMany. A device of the account gets a new key.
func (r *Registry) AddDevice(ctx context.Context, ref Ref, d Device) error {
	if !validDevice(d.ID) || len(d.Key) != deviceKeyBytes {
		return ErrDeviceInvalid
	}
	sealed := r.seals.seal(deviceSeal(ref, d.ID), d.Key)
	set := func(a *record) error {
		if old := a.device(d.ID); old != nil {
			old.Key = sealed
			return nil
		}
		if len(a.Devices) >= maxDevices {
			return ErrTooMany
		}
		a.Devices = append(a.Devices, device{d.ID, sealed})
		return nil
	}
	a, err := r.account(ctx, ref)
	if err != nil {
		return err
	}
	commit := func(ctx context.Context) error {
		_, err := r.change(ctx, ref, set)
		return err
	}
	if a.device(d.ID) != nil {
		return commit(ctx)
	}
	return r.claim(ctx, ref, deviceClaim(ref.Game, d.ID), commit)
}

func deviceSeal(ref Ref, id string) string { return "device key " + ref.key() + "/" + id }

// RemoveDevice forgets a device, unless it is the last way to log in.
func (r *Registry) RemoveDevice(ctx context.Context, ref Ref, id string) error {
	return r.drop(ctx, ref, deviceClaim(ref.Game, id), func(a *record) {
		a.Devices = slices.DeleteFunc(a.Devices, func(d device) bool { return d.ID == id })
	})
}

// drop takes a credential from an account, and then gives up the claim.
func (r *Registry) drop(ctx context.Context, ref Ref, c claim, remove func(*record)) error {
	if err := r.intents.create(ctx, randomText(16), intent{ref.Game, ref.Player, c.key()}); err != nil {
		return err
	}
	_, err := r.change(ctx, ref, func(a *record) error {
		if !a.holds(c) {
			return ErrNotFound
		}
		remove(a)
		if s := a.shown(); s.Guest() {
			return ErrLastCredential
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.release(ctx, ref, c.key())
}

// Challenge returns a nonce for a device to answer within 30 s. It is the same
// for a device that nobody knows, and costs no memory: the nonce itself says
// what it is good for, under a key of this process.
func (r *Registry) Challenge(game Game, device string) (nonce string, err error) {
	if !r.cfg.hosts(game) {
		return "", ErrGameUnknown
	}
	if !validDevice(device) {
		return "", ErrDeviceInvalid
	}
	return r.nonces.new(game, device), nil
}

// DeviceProof is what a device answers to a nonce: HMAC-SHA256, under its key,
// of four texts, each with a zero byte behind it: "muster device login v1", the
// game, the device's id and the nonce.
func DeviceProof(key []byte, game Game, device, nonce string) []byte {
	m := hmac.New(sha256.New, key)
	for _, text := range []string{"muster device login v1", string(game), device, nonce} {
		m.Write([]byte(text))
		m.Write([]byte{0})
	}
	return m.Sum(nil)
}

// LoginDevice starts a session for a device that has answered a nonce. Whatever
// is wrong is ErrCredentials.
func (r *Registry) LoginDevice(ctx context.Context, game Game, device, nonce string, proof []byte) (Session, error) {
	if !r.cfg.hosts(game) {
		return Session{}, ErrGameUnknown
	}
	if !validDevice(device) || !r.nonces.good(game, device, nonce) {
		return Session{}, ErrCredentials
	}
	a, key, err := r.deviceKey(ctx, game, device)
	if err != nil {
		return Session{}, err
	}
	if !hmac.Equal(DeviceProof(key, game, device, nonce), proof) {
		r.nonces.used.spoil(nonce)
		return Session{}, ErrCredentials
	}
	switch first, err := r.nonces.used.use(nonce); {
	case err != nil:
		return Session{}, err
	case !first:
		return Session{}, ErrCredentials
	}
	r.saw(ctx, &a)
	return r.begin(ctx, &a)
}

// deviceKey returns the account and the key of a device; for one that nobody
// knows a key that nobody has.
func (r *Registry) deviceKey(ctx context.Context, game Game, id string) (a record, key []byte, err error) {
	a, err = r.holder(ctx, deviceClaim(game, id))
	switch {
	case errors.Is(err, ErrNotFound):
		return a, random(deviceKeyBytes), nil
	case err != nil:
		return a, nil, err
	}
	key, err = r.seals.open(deviceSeal(a.ref(), id), a.device(id).Key)
	if err != nil {
		r.log.Error("a device key cannot be opened", "game", game, "player", a.Player, "err", err)
		key = random(deviceKeyBytes)
	}
	return a, key, nil
}

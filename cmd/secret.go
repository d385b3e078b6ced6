package cmd

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/musterhq/muster/protocol/bus"
)

// A seal is kept beside what is sealed, and tells the secret that it is sealed
// under from any other: with another one keys would be lost, and nobody told.
type seal struct {
	Print []byte // of the secret
}

const sealKey = "secret"

func sealOf(secret []byte) seal {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("fingerprint"))
	return seal{mac.Sum(nil)}
}

var errSecret = errors.New("what is kept is sealed under another secret")

// openSecret returns the configured secret, or that of the data folder, where
// it makes one up at the first start. It is the one that all before was sealed
// under.
func (c *Config) openSecret(node *bus.Node) ([]byte, error) {
	seals, err := bus.OpenBucket[seal](node, "server", bus.Kept)
	if err != nil {
		return nil, err
	}
	e, err := seals.Get(context.Background(), sealKey)
	first := errors.Is(err, bus.ErrNotFound)
	if err != nil && !first {
		return nil, err
	}
	secret, err := c.readSecret(first)
	if err != nil {
		return nil, err
	}
	if first {
		_, err = seals.Create(context.Background(), sealKey, sealOf(secret))
		return secret, err
	}
	return secret, e.Value.opensWith(secret)
}

func (s seal) opensWith(secret []byte) error {
	if hmac.Equal(s.Print, sealOf(secret).Print) {
		return nil
	}
	return fmt.Errorf("%w: give that one as MUSTER_SECRET, or its file %s back from a backup", errSecret, bus.SecretName)
}

// readSecret reads the secret; at the first start there may be none yet.
func (c *Config) readSecret(first bool) ([]byte, error) {
	if c.Secret != "" {
		return []byte(c.Secret), nil
	}
	if c.Data == bus.Memory {
		return newSecret(), nil
	}
	path := filepath.Join(c.Data, bus.SecretName)
	secret, err := secretIn(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && first:
		secret = newSecret()
		return secret, bus.WriteFile(path, append(secret, '\n'))
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %s is missing: take it from a backup, or give the secret as MUSTER_SECRET", errSecret, path)
	}
	return secret, err
}

// secretIn reads the file of a secret, which must be nobody else's to read.
func secretIn(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if others := info.Mode().Perm() & 0o007; others != 0 {
		return nil, fmt.Errorf("anybody may read or change %s: chmod 600 it", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if data = []byte(strings.TrimSpace(string(data))); len(data) < 32 {
		return nil, fmt.Errorf("%w: %s is damaged: take it from a backup", errSecret, path)
	}
	return data, nil
}

func newSecret() []byte { return []byte(rand.Text() + rand.Text()) }

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/musterhq/muster/protocol/bus"
)

// A backup is a folder with what is kept, and the secret that it is sealed
// under unless that was configured. Both are for nobody else's eyes.
const backupName = "kept.jsonl"

// backup writes what is kept in the data folder to a folder that is empty or
// not there. What was begun and not finished is no backup.
func backup(ctx context.Context, cfg *Config, to string, say io.Writer) error {
	if err := keptIn(cfg.Data); err != nil {
		return err
	}
	if entries, err := os.ReadDir(to); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty: name a folder that is, or that is not there", to)
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	secret, err := os.ReadFile(filepath.Join(cfg.Data, bus.SecretName))
	if err == nil {
		err = bus.WriteFile(filepath.Join(to, bus.SecretName), secret)
	} else if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(say, "there is no secret in the folder: keep the one that the server is given, or the backup cannot be used")
		err = nil
	}
	if err != nil {
		return err
	}
	if err := writeBackup(ctx, cfg, filepath.Join(to, backupName)); err != nil {
		return err
	}
	fmt.Fprintf(say, "what is kept in %s is in %s\n", cfg.Data, to)
	return nil
}

// keptIn says whether something is kept in a folder, by the user that we are:
// files of another's would shut the server out.
func keptIn(data string) error {
	if data == bus.Memory {
		return errors.New("in memory nothing is kept")
	}
	if _, err := os.Stat(filepath.Join(data, "marks.json")); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("nothing is kept in %s; -data names the folder", data)
	} else if err != nil {
		return err
	}
	return owned(data)
}

// writeBackup has the file there as a whole, and only if it can be restored.
func writeBackup(ctx context.Context, cfg *Config, path string) (err error) {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	err = readKept(ctx, cfg, f)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err == nil {
		err = bus.Check(f)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return errors.Join(err, ignore(os.Remove(part), fs.ErrNotExist))
	}
	return bus.SyncDir(filepath.Dir(path))
}

func ignore(err, which error) error {
	if errors.Is(err, which) {
		return nil
	}
	return err
}

// readKept asks the server that runs on the data folder, or reads it.
func readKept(ctx context.Context, cfg *Config, w io.Writer) error {
	node, err := bus.Open(bus.Config{Dir: cfg.Data, MinFree: 1, Log: cfg.logger()})
	if errors.Is(err, bus.ErrInUse) {
		return noControl(callControl(cfg.Data).ask(ctx, "GET", "/backup", w))
	}
	if err != nil {
		return err
	}
	return errors.Join(node.Backup(ctx, w), node.Close())
}

// noControl tells who holds the folder without answering.
func noControl(err error) error {
	if err != nil && strings.Contains(err.Error(), "dial unix") {
		return fmt.Errorf("%w, and it does not answer: is it just starting, or of another machine or user? (%w)", bus.ErrInUse, err)
	}
	return err
}

// restore puts a backup in the place of what is kept in the data folder, which
// stays there in a folder of its own. Nothing changes before the backup was
// read as a whole and opened with its secret. A server that runs on the folder
// lets its matches finish and begins anew.
func restore(ctx context.Context, cfg *Config, from string, say io.Writer) error {
	if cfg.Data == bus.Memory {
		return errors.New("in memory nothing can be restored")
	}
	f, err := os.Open(filepath.Join(from, backupName))
	if err != nil {
		return fmt.Errorf("%s holds no backup: %w", from, err)
	}
	defer f.Close()
	if err := ignore(owned(cfg.Data), fs.ErrNotExist); err != nil {
		return err
	}
	staged, err := bus.Stage(ctx, cfg.Data, f)
	if err != nil {
		return fmt.Errorf("%s: %w; nothing was changed", f.Name(), err)
	}
	if err := tryStaged(cfg, from, staged); err != nil {
		return errors.Join(fmt.Errorf("%s: %w; nothing was changed", from, err), os.RemoveAll(staged))
	}
	before, err := bus.Replace(cfg.Data, staged)
	if errors.Is(err, bus.ErrInUse) {
		fmt.Fprintln(say, "a server runs on the folder: it lets its matches finish and begins anew")
		before, err = replaceUnder(ctx, cfg.Data, staged)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(say, "%s is as it was in %s; what was there before is in %s\n", cfg.Data, from, before)
	return nil
}

// tryStaged gives the staged folder its secret and opens it.
func tryStaged(cfg *Config, from, staged string) error {
	path := filepath.Join(from, bus.SecretName)
	secret, err := secretIn(path)
	if err == nil {
		err = bus.WriteFile(filepath.Join(staged, bus.SecretName), append(secret, '\n'))
	}
	if ignore(err, fs.ErrNotExist) != nil {
		return err
	}
	node, err := bus.Open(bus.Config{Dir: staged, NoSync: true, Log: cfg.logger()})
	if err != nil {
		return err
	}
	with := *cfg
	with.Data = staged
	_, err = with.openSecret(node)
	return errors.Join(err, node.Close())
}

// replaceUnder has the server that runs on a folder replace it, and waits until
// it is back.
func replaceUnder(ctx context.Context, data, staged string) (before string, err error) {
	server := callControl(data)
	var was, place strings.Builder
	if err := server.ask(ctx, "GET", "/id", &was); err != nil {
		return "", errors.Join(noControl(err), os.RemoveAll(staged))
	}
	if err := server.ask(ctx, "POST", "/restore?staged="+filepath.Base(staged), &place); err != nil {
		return "", errors.Join(err, os.RemoveAll(staged))
	}
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for seen := time.Now(); time.Since(seen) < time.Minute; {
		var is strings.Builder
		err := callControl(data).ask(ctx, "GET", "/id", &is)
		switch {
		case err == nil && is.String() != was.String():
			return place.String(), nil
		case err == nil:
			seen = time.Now()
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return "", fmt.Errorf("the backup is in place for the server's next start, and that was not waited for: %w", ctx.Err())
		}
	}
	return "", errors.New("the backup is in place, and the server has not come back: its log says why")
}

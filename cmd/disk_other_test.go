//go:build !linux

package cmd

import (
	"errors"
	"testing"
)

func smallDisk(t *testing.T, _ int) string {
	t.Skip("NOT TESTED: disks are mounted on Linux only")
	return ""
}

func fillTo(string, string, int64) error { return errors.ErrUnsupported }

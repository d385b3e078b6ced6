//go:build !unix

package cmd

import "os"

func owned(dir string) error {
	_, err := os.Stat(dir)
	return err
}

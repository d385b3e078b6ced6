package api

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestTheProtocolHasEveryCode holds the table in PROTOCOL.md to the refusals
// there are.
func TestTheProtocolHasEveryCode(t *testing.T) {
	page, err := os.ReadFile("../../protocol/PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| status | codes |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	told, want := codesIn(t, table), refusals(t)
	for code, status := range want {
		if told[code] != status {
			t.Errorf("the table has %q at %d, want %d", code, told[code], status)
		}
	}
	for code, status := range told {
		if want[code] == 0 {
			t.Errorf("the table has %q at %d, and nothing answers so", code, status)
		}
	}
}

var (
	tableRow  = regexp.MustCompile("(?m)^\\| `([0-9]+)` \\| (.*) \\|$")
	tableCode = regexp.MustCompile("`([a-z_]+)`")
)

// codesIn reads the rows of the table.
func codesIn(t *testing.T, table string) map[string]int {
	t.Helper()
	codes := map[string]int{}
	for _, row := range tableRow.FindAllStringSubmatch(table, -1) {
		status, _ := strconv.Atoi(row[1])
		for _, code := range tableCode.FindAllStringSubmatch(row[2], -1) {
			if codes[code[1]] != 0 {
				t.Errorf("the table has %q twice", code[1])
			}
			codes[code[1]] = status
		}
	}
	return codes
}

package account

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestRoles compares who may do what with testdata/roles.txt, which is to be
// changed by hand: a right that is given away should be seen twice.
func TestRoles(t *testing.T) {
	roles := []Role{RolePlayer, RoleModerator, RoleAdmin, RoleService}
	var b strings.Builder
	for _, action := range slices.Sorted(maps.Keys(allowed)) {
		fmt.Fprintf(&b, "%-14s", action)
		for _, role := range roles {
			if Allow(role, action) {
				fmt.Fprintf(&b, " %s", role)
			}
		}
		b.WriteString("\n")
	}
	want, err := os.ReadFile("testdata/roles.txt")
	if err != nil || b.String() != string(want) {
		t.Errorf("%v\ngot\n%swant\n%s", err, b.String(), want)
	}
	for _, role := range []Role{"", "god", "Admin"} {
		for action := range allowed {
			if Allow(role, action) {
				t.Errorf("%q may %s", role, action)
			}
		}
	}
	if Allow(RoleAdmin, "something new") {
		t.Error("what is not listed is allowed")
	}
	if !Above(RoleAdmin, RoleModerator) || !Above(RoleModerator, RolePlayer) || Above(RoleModerator, RoleAdmin) || Above(RoleAdmin, RoleAdmin) || !Above(RoleService, RolePlayer) || Above(RoleService, RoleModerator) || Above("", RolePlayer) || RoleService.ofAccounts() {
		t.Error("the ranks are wrong")
	}
}

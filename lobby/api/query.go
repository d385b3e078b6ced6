package api

import "fmt"

// missing refuses a request that does not say what it has to.
func missing(parameter string) error {
	return &refusal{status: 400, code: "parameter_missing", detail: fmt.Sprintf("The parameter %s is missing.", parameter)}
}

# make run   starts the server with bots; needs Go
# make test  passes everything; needs Go and Node, installs the browser where it may
# make bench prints what the server costs beside a bare one, and every figure that has a goal

.PHONY: run test check cross fuzz web browser smoke bench benchmarks

# Not by go run, whose own exit code is 1 once it was interrupted. The binary
# lies in Go's cache.
run:
	@exe="$$(go env GOCACHE)/muster$$(go env GOEXE)" && go build -o "$$exe" ./cmd/muster && exec "$$exe"

# Two of the others run at a time, for the browser and the smoke test mostly
# wait; where make can, it prints each one's output in one piece. The tests have
# the machine to themselves.
test:
	@$(MAKE) -j 2 --no-print-directory $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) browser check fuzz smoke cross
	go test -race -timeout 10m -p 2 ./...

# Formatting, vet, staticcheck.
check:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$unformatted" ]; then echo "not gofmt'd: $$unformatted"; exit 1; fi
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

# The systems that the server builds for, beside those that tests run on.
cross:
	GOOS=darwin GOARCH=arm64 go build -o /dev/null ./cmd/muster
	GOOS=windows GOARCH=amd64 go build -o /dev/null ./cmd/muster

# Some fuzzing of each parser. FUZZTIME=1000000x finds more.
fuzz:
	tools/house/fuzz.sh

# The TypeScript client and the page: types, golden vectors, and that the
# committed bundle is what its source gives.
web:
	cd protocol/ts && npm ci --no-audit --no-fund --silent && npm test
	cd tools/web && npm ci --no-audit --no-fund --silent && npm run check && npm test

# The page in a real browser, against a real server.
browser: web
	@tools/web/with-chromium.sh npm --prefix tools/web run browser

# Simulated players on the real server.
smoke:
	tools/bots/smoke.sh

# The floor, the bound and the server under the same clients: a table, bench.svg, the goals.
bench:
	go run ./tools/bench

# Every Go benchmark.
benchmarks:
	go test -run '^$$' -bench . -benchmem -p 1 ./game/... ./protocol/... ./match/... ./lobby/...

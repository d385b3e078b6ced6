//go:build race

package match

// raceEnabled shortens what would take long under the race detector.
const raceEnabled = true

//go:build race

package socket

// raceEnabled: sync.Pool drops at random under the race detector.
const raceEnabled = true

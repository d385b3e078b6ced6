// Package rating says how good players are, and learns it from results.
//
// A skill is not known but believed: a normal distribution with mean Mu and
// deviation Sigma. A match moves the beliefs of all who played it by the
// Bayesian approximation of Weng and Lin (JMLR 12, 2011, algorithm 4: the
// Plackett-Luce model), which takes any number of sides of any size, ranked,
// with draws. It is the model that the OpenSkill libraries have by default;
// testdata/openskill.json holds what one of them gives, and a test compares.
// Those in Go cannot be had from the module proxy that the project builds
// with, so the formulas are here.
//
// Nothing here reads a clock or keeps anything: who owns the ratings hands
// them in, with the time, and stores what comes out.
package rating

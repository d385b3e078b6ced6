// Package social is what players are to each other: parties, friends, presence,
// blocks, and what they say to each other outside of rooms and matches.
package social

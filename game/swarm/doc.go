// Package swarm is the game for many: up to a thousand players in one world.
package swarm

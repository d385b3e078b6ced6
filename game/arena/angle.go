package arena

import "github.com/musterhq/muster/game"

// Sin returns 16384 times the sine of a direction, as [game.Sin] does.
func Sin(a int32) int32 { return game.Sin(a) }

// Cos returns 16384 times the cosine of a direction.
func Cos(a int32) int32 { return game.Cos(a) }

func along(sine, length int32) int32 { return game.Along(sine, length) }
func heading(dx, dy int32) int32     { return game.Heading(dx, dy) }
func turn(from, to int32) int32      { return game.Turn(from, to) }
func root(v int32) int32             { return game.Root(v) }

func abs(v int32) int32 { return max(v, -v) }

package game

// RandomBot plays any game badly: it says random things within the bounds of
// the schema's fields, each for a third of a second or so. It is for tests,
// load and the first minutes of a new game.
func RandomBot(schema *Schema) func(seat Seat, seed uint64) Bot {
	return func(seat Seat, seed uint64) Bot {
		return &randomBot{fields: schema.Inputs, chance: Rand(seed + uint64(seat)<<32)}
	}
}

type randomBot struct {
	fields []Field
	chance Rand
	values [MaxInputs]int32
	keep   int32 // ticks until it thinks anew
}

func (b *randomBot) Think(_ *Snapshot, in *Input) {
	if b.keep--; b.keep <= 0 {
		b.keep = b.chance.Between(5, 15)
		for i, f := range b.fields {
			b.values[i] = b.chance.Between(f.Min, f.Max)
		}
	}
	in.Values = b.values
}

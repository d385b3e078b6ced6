package game

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An Option is something about a match that those who make it may choose, such
// as its map or how long it takes. It is plain data: either one of named
// Values, of which the option's value is the index, or a number from Min to Max.
// Rules ask with [World.Option].
type Option struct {
	Name     string   // in URLs and messages: lower case, digits and dashes
	Title    string   // for people; default the name
	Values   []string // names like Name; none: a number
	Min, Max int32    // of a number
	Default  int32
}

// Bounds of options.
const (
	MaxOptions = 16 // of a mode
	MaxValues  = 64 // of an option
)

// Bounds returns the least and the greatest value.
func (o *Option) Bounds() (least, most int32) {
	if len(o.Values) > 0 {
		return 0, int32(len(o.Values) - 1)
	}
	return o.Min, o.Max
}

// Text is a value as people choose it: its name, or the number.
func (o *Option) Text(value int32) string {
	if len(o.Values) > 0 {
		return o.Values[value]
	}
	return strconv.Itoa(int(value))
}

// Parse is the value of what Text returns.
func (o *Option) Parse(text string) (int32, error) {
	if i := slices.Index(o.Values, text); i >= 0 {
		return int32(i), nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || len(o.Values) > 0 || int32(n) < o.Min || int32(n) > o.Max {
		return 0, fmt.Errorf("option %s cannot be %.40q: it is %s", o.Name, text, o.choice())
	}
	return int32(n), nil
}

// choice says, for people, what the option can be.
func (o *Option) choice() string {
	if len(o.Values) > 0 {
		return "one of " + strings.Join(o.Values, ", ")
	}
	return fmt.Sprintf("a number from %d to %d", o.Min, o.Max)
}

// Option returns the index of an option of the mode, or -1.
func (m *Mode) Option(name string) int {
	return slices.IndexFunc(m.Options, func(o Option) bool { return o.Name == name })
}

// Choose returns the values of all options of the mode, in its order: those
// chosen, as [Option.Parse] reads them, and the defaults of the others.
func (m *Mode) Choose(chosen map[string]string) ([]int32, error) {
	values, known := m.values(nil), 0
	for i := range m.Options {
		text, ok := chosen[m.Options[i].Name]
		if !ok {
			continue
		}
		v, err := m.Options[i].Parse(text)
		if err != nil {
			return nil, err
		}
		values[i] = v
		known++
	}
	if known < len(chosen) {
		return nil, fmt.Errorf("mode %s has no other options than these: %s", m.Name, m.optionNames())
	}
	return values, nil
}

func (m *Mode) optionNames() string {
	var names []string
	for _, o := range m.Options {
		names = append(names, o.Name)
	}
	return strings.Join(names, ", ")
}

// CheckOptions says whether values can be those of the mode's options, in its
// order. The last ones may be left out: they have their defaults.
func (m *Mode) CheckOptions(values []int32) error {
	if len(values) > len(m.Options) {
		return fmt.Errorf("mode %s has %d options, not %d", m.Name, len(m.Options), len(values))
	}
	for i, v := range values {
		if least, most := m.Options[i].Bounds(); v < least || v > most {
			return fmt.Errorf("option %s is %d, want %d to %d", m.Options[i].Name, v, least, most)
		}
	}
	return nil
}

// values are those of all options, with the defaults of what is left out.
func (m *Mode) values(chosen []int32) []int32 {
	all := make([]int32, len(m.Options))
	for i := range all {
		all[i] = m.Options[i].Default
	}
	copy(all, chosen)
	return all
}

// titled returns options that all have a title, without changing those given.
func titled(options []Option) []Option {
	options = slices.Clone(options)
	for i := range options {
		if options[i].Title == "" {
			options[i].Title = options[i].Name
		}
	}
	return options
}

func checkOptions(options []Option) error {
	names := make([]string, len(options))
	for i := range options {
		o := &options[i]
		names[i] = o.Name
		if err := checkNames("value", o.Values, MaxValues); err != nil {
			return fmt.Errorf("option %s: %w", o.Name, err)
		}
		if len(o.Values) > 0 && (o.Min != 0 || o.Max != 0) {
			return fmt.Errorf("option %s has both values and bounds", o.Name)
		}
		if least, most := o.Bounds(); o.Default < least || o.Default > most {
			return fmt.Errorf("option %s: the default %d is not within %d to %d", o.Name, o.Default, least, most)
		}
	}
	return checkNames("option", names, MaxOptions)
}

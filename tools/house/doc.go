// Package house keeps the house in order: its tests walk the module and fail
// where an import points up, an outside dependency has left its home, a
// package does not say what it is, or something in game could differ from one
// run to the next. They state the rules; there is nothing here to import.
package house

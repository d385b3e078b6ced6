// Package group decides who plays with whom. Form is a pure function of the
// tickets that wait for one mode, of the matches with a free seat, and of the
// time: no clock, no chance, and the order of its input does not matter.
//
//	tickets ─► ranges: equal Props, one line each, sorted by rating
//	             │  one linked list through it per region
//	             ▼
//	matches with free seats ─► filled first (backfill)
//	tickets, oldest first   ─► walk outwards from its rating, take who fits
//	                           (windows both ways), seat them in teams, swap
//	                           for balance; the best of its regions is made
//	oldest first once more  ─► short groups, where bots or gaps may fill up
//	             │
//	             ▼
//	groups and joins, each with why; who still waits, each with why
//
// Every ticket has a window, wider the longer it waits: how far the rating of
// any other ticket in its match may be from its own, and the ping that its
// members put up with. No group breaks the window of any of its tickets.
//
// Nothing is enumerated. One walk looks at a bounded number of neighbours and
// picks among them by the cheapest exact filling of a team (a knapsack over
// seats), so a cycle costs a sort and a little per ticket.
package group

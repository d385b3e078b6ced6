package rooms

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/musterhq/muster/protocol"
)

// A list has the public rooms of all games, each apart, and tells those who
// watch it what has changed, once a beat. A row is encoded once for all of them.
type list struct {
	teller Teller // never changed

	// owned by beat
	watchers map[protocol.PlayerID]*watcher

	mu    sync.Mutex
	games map[string]*shelf           // under mu, as all that follows
	asked map[protocol.PlayerID]asked // watches that began or ended
	last  uint64                      // the number of the row that came last
}

// A shelf is the rooms of a game.
type shelf struct {
	rows    map[string]*listed // by code; a row is replaced, and never changed
	changed map[string]*listed // since the last beat; nil: gone
}

// A listed is a room in the list.
type listed struct {
	protocol.RoomRow
	number uint64 // the order in which they came
	raw    []byte // encoded
	search string // the title and the host in lower case
}

type asked struct {
	who protocol.Player
	protocol.RoomWatch
}

// A watcher is a player who watches.
type watcher struct {
	asked
	whole bool            // to be sent everything
	shown map[string]bool // by code
	more  bool            // others match
}

// pageRows is how many rooms a watcher is shown.
const pageRows = 100

func newList(t Teller) *list {
	return &list{teller: t, watchers: make(map[protocol.PlayerID]*watcher),
		games: make(map[string]*shelf), asked: make(map[protocol.PlayerID]asked)}
}

// publish puts a room into the list, changes it there, or with nil takes it out.
func (l *list) publish(game, code string, row *protocol.RoomRow) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.games[game]
	if s == nil {
		s = &shelf{rows: make(map[string]*listed), changed: make(map[string]*listed)}
		l.games[game] = s
	}
	old := s.rows[code]
	if row == nil {
		if old != nil {
			delete(s.rows, code)
			s.changed[code] = nil
		}
		return
	}
	e := &listed{RoomRow: *row, search: strings.ToLower(row.Title + "\n" + row.Host), raw: protocol.AppendRoomRow(nil, *row)}
	if old != nil {
		e.number = old.number
	} else {
		l.last++
		e.number = l.last
	}
	s.rows[code], s.changed[code] = e, e
}

// watch begins a watch with the next beat, or ends it. The last word counts.
func (l *list) watch(who protocol.Player, m protocol.RoomWatch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m.Text = strings.ToLower(m.Text)
	l.asked[who.ID] = asked{who, m}
}

// A beatNews is what a beat works with, so that nobody who publishes waits for it.
type beatNews struct {
	asked   map[protocol.PlayerID]asked
	changed map[string]map[string]*listed // by game, by code
}

func (l *list) collect() beatNews {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := beatNews{l.asked, make(map[string]map[string]*listed)}
	l.asked = make(map[protocol.PlayerID]asked)
	for game, s := range l.games {
		if len(s.changed) > 0 {
			n.changed[game] = s.changed
			s.changed = make(map[string]*listed)
		}
	}
	return n
}

// beat tells everybody what has changed.
func (l *list) beat() {
	n := l.collect()
	for id, a := range n.asked {
		if delete(l.watchers, id); a.On {
			l.watchers[id] = &watcher{asked: a, whole: true}
		}
	}
	all := make(map[string][]*listed)
	for id, w := range l.watchers {
		m, any := l.newsFor(w, n.changed[w.who.Game], all)
		if !any || l.teller.Tell(id, protocol.Append(nil, m)) {
			continue
		}
		if w.whole = true; !l.teller.Connected(id) {
			delete(l.watchers, id)
		}
	}
}

// newsFor is what a watcher is told. All is filled with the rows of the games
// that were looked at whole.
func (l *list) newsFor(w *watcher, changed map[string]*listed, all map[string][]*listed) (m protocol.RoomRows, any bool) {
	m.Stamp = w.Stamp
	before := w.more
	if w.whole {
		w.whole, w.more, w.shown = false, false, make(map[string]bool)
		m.Whole = true
	} else {
		w.follow(&m, changed)
	}
	if m.Whole || w.more && len(w.shown) < pageRows {
		if all[w.who.Game] == nil {
			all[w.who.Game] = l.sorted(w.who.Game)
		}
		w.fill(&m, all[w.who.Game])
	}
	m.More = w.more
	return m, m.Whole || len(m.Raw) > 0 || len(m.Gone) > 0 || w.more != before
}

// follow takes in what has changed.
func (w *watcher) follow(m *protocol.RoomRows, changed map[string]*listed) {
	for code, e := range changed {
		fits := e != nil && matches(&w.RoomWatch, e)
		switch {
		case w.shown[code] && fits, fits && len(w.shown) < pageRows && !w.more:
			w.shown[code] = true
			m.Raw = append(m.Raw, e.raw)
		case w.shown[code]:
			delete(w.shown, code)
			m.Gone = append(m.Gone, code)
		case fits:
			w.more = true
		}
	}
}

// fill shows what there is room for.
func (w *watcher) fill(m *protocol.RoomRows, all []*listed) {
	w.more = false
	for _, e := range all {
		if w.shown[e.Code] || !matches(&w.RoomWatch, e) {
			continue
		}
		if len(w.shown) >= pageRows {
			w.more = true
			return
		}
		w.shown[e.Code] = true
		m.Raw = append(m.Raw, e.raw)
	}
}

// sorted are the rows of a game, the oldest first.
func (l *list) sorted(game string) (all []*listed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all = []*listed{}
	if s := l.games[game]; s != nil {
		for _, e := range s.rows {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *listed) int { return cmp.Compare(a.number, b.number) })
	return all
}

func (l *list) rows(game string, filter protocol.RoomWatch, most int) (rows []protocol.RoomRow) {
	filter.Text = strings.ToLower(filter.Text)
	for _, e := range l.sorted(game) {
		if len(rows) < most && matches(&filter, e) {
			rows = append(rows, e.RoomRow)
		}
	}
	return rows
}

func matches(f *protocol.RoomWatch, e *listed) bool {
	return (f.Mode == "" || f.Mode == e.Mode) &&
		(!f.Open || e.Players+e.Bots < e.Size) &&
		(!f.Free || !e.Locked) &&
		(f.Text == "" || strings.Contains(e.search, f.Text))
}

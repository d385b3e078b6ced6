package main

import (
	"io"
	"os"

	tea "charm.land/bubbletea/v2"
	"github.com/mattn/go-isatty"
)

// isTerminal reports whether one can draw on f.
func isTerminal(f *os.File) bool { return isatty.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb" }

// A screen is the live picture on a terminal, which it has to itself until
// close.
type screen struct {
	program *tea.Program
	done    chan struct{}
}

// startScreen draws on w until close. Ctrl-C and q call stop; a second time
// they give the terminal back at once.
func startScreen(w io.Writer, stop func()) *screen {
	options := []tea.ProgramOption{tea.WithOutput(w), tea.WithoutSignalHandler()}
	if !isTerminal(os.Stdin) {
		options = append(options, tea.WithInput(nil)) // then Ctrl-C is the process's signal
	}
	m := model{style: newStyle(), width: 80, height: 24, stop: stop}
	s := &screen{tea.NewProgram(m, options...), make(chan struct{})}
	go func() {
		defer close(s.done)
		_, _ = s.program.Run()
	}()
	return s
}

func (s *screen) show(p *Progress) { s.program.Send(p) }

// close gives the terminal back as it was.
func (s *screen) close() {
	s.program.Quit()
	<-s.done
}

// A model is what the screen shows now.
type model struct {
	style         style
	progress      *Progress // nil until the first second is over
	width, height int
	stop          func() // ends the run
	stopping      bool
}

func (m model) Init() tea.Cmd { return nil }

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case *Progress:
		m.progress = msg
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		if key := msg.String(); key != "ctrl+c" && key != "q" {
			break
		}
		if m.stopping {
			return m, tea.Quit
		}
		m.stopping = true
		m.stop()
	}
	return m, nil
}

func (m model) View() tea.View {
	v := tea.NewView("\n  The first second …")
	if m.progress != nil {
		v = tea.NewView(m.style.picture(m.progress, m.width, m.height, m.stopping))
	}
	v.AltScreen = true
	return v
}

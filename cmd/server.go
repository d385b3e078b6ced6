package cmd

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/api"
	"github.com/musterhq/muster/lobby/career"
	"github.com/musterhq/muster/lobby/hooks"
	"github.com/musterhq/muster/lobby/mail"
	"github.com/musterhq/muster/lobby/rooms"
	"github.com/musterhq/muster/lobby/saves"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/lobby/version"
	"github.com/musterhq/muster/match"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/socket"
	"github.com/musterhq/muster/tools/web"
)

// A Server is one node with everything in it. Make it with New, let it live
// with Run.
//
//	request ─► api ─► lobby ──bus──► host ─► matches
//	socket ──► hall ─► lobby rooms ─► matches ─► hall
type Server struct {
	cfg    Config
	log    *slog.Logger
	secret []byte // signs what players are given; of the config, or of this start

	node     *bus.Node    // what is kept
	control  *control     // and where the operator gets at it
	game     account.Game // that is meant where none is named
	accounts *account.Registry
	social   *social.Social
	rooms    *rooms.Hub
	mail     *mail.Office
	saves    *saves.Vault
	hooks    *hooks.Hub
	versions *version.Gate
	parties  partyQueue
	career   *career.Career
	metrics  *metrics
	upgrader *socket.Upgrader
	hall     *socket.Hall
	lobby    *lobby.Lobby
	host     *match.Host

	players net.Listener
	admin   net.Listener // nil where it is not served
	public  *http.Server
	private *http.Server
}

// New listens and wires everything by hand; nothing runs until Run. Modes are
// checked here.
func New(cfg Config, modes ...game.Mode) (*Server, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	checked, names, err := check(modes, &cfg)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, log: cfg.logger(), metrics: newMetrics(names)}
	if err := s.openKept(checked); err != nil {
		return nil, err
	}
	if err := s.wire(checked); err != nil {
		return nil, errors.Join(err, s.node.Close())
	}
	s.openControl()
	return s, nil
}

// wire makes the parts that live on what is kept, and listens.
func (s *Server) wire(modes []*game.Mode) (err error) {
	cfg := s.cfg
	follower := newFollower()
	s.upgrader = socket.NewUpgrader(socket.Config{
		Pump: !cfg.Beat, Meter: s.metrics, Log: s.log, MessagesPerSecond: messagesPerSecond,
		PongTimeout: cfg.pongWait, Follower: follower,
	})
	if err := errors.Join(s.openSocial(follower), s.openCareer(), s.openSaves()); err != nil {
		return err
	}
	if err := errors.Join(s.openHooks(), s.openVersions(games(modes))); err != nil {
		return err
	}
	board := socket.NewSwitchboard()
	desk := &desk{board: board}
	s.hall = socket.NewHall(socket.HallConfig{Handler: desk, Refused: desk.refused})
	s.host, err = match.NewHost(match.Config{
		Modes: modes, PassKey: s.key("passes"), Hall: s.hall.Take, Bots: cfg.Bots, Log: s.log, Meter: s.metrics,
	}, s.node, board)
	if err != nil {
		return err
	}
	s.lobby, err = lobby.New(lobby.Config{
		Modes: modes, Countdown: cfg.Countdown, Log: s.log,
	}, lobby.Deps{
		Bus: s.node, Hall: s.hall, Board: board, Unqueued: s.social.Unqueued,
		Results: s.career, Ratings: s.career, Ready: s.node.Err,
	})
	if err != nil {
		return err
	}
	desk.hall, desk.lobby, s.parties.lobby = s.hall, s.lobby, s.lobby
	if err := s.openRooms(modes, desk); err != nil {
		return err
	}
	s.accounts.OnRevoke(s.revoked)
	return s.listen()
}

// messagesPerSecond is what a connection may send: twice the fastest mode's
// inputs, with acks and pings beside them.
const messagesPerSecond = 300

// check fills in the defaults of the modes that are offered and returns their
// names too. Without bots they have none, and hidden ones are not there for
// anybody unless the config says so.
func check(modes []game.Mode, cfg *Config) (checked []*game.Mode, names []string, err error) {
	for _, m := range modes {
		if m.Hidden && !cfg.Hidden {
			continue
		}
		if !cfg.Bots {
			m.Bot = nil
		}
		mode, err := m.WithDefaults()
		if err != nil {
			return nil, nil, err
		}
		if slices.Contains(names, mode.Name) {
			return nil, nil, fmt.Errorf("two modes are called %s", mode.Name)
		}
		checked, names = append(checked, mode), append(names, mode.Name)
	}
	if len(checked) == 0 {
		return nil, nil, errors.New("no modes to serve; hidden ones need -hidden")
	}
	return checked, names, nil
}

// key derives a key for one purpose from the server's secret.
func (s *Server) key(purpose string) []byte {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// listen opens the ports; Run serves them.
func (s *Server) listen() error {
	handler, err := api.New(api.Config{
		Lobby: s.lobby, Accounts: s.accounts, Social: s.social, Mail: s.mail, Saves: s.saves, Hooks: s.hooks, Career: s.career, Versions: s.versions, Rooms: s.rooms, Tell: s.upgrader.Tell, Socket: s.openSocket, Static: web.Handler(),
		TrustedProxies: s.cfg.TrustedProxies, Origins: s.cfg.Origins, Log: s.log, Upgrades: s.upgrades(),
	})
	if err != nil {
		return err
	}
	players, err := socket.Listen(s.cfg.Addr, s.cfg.TLSCert, s.cfg.TLSKey)
	if err != nil {
		return err
	}
	s.players = players
	s.public = s.httpServer(handler)
	if s.cfg.Admin == "" {
		return nil
	}
	if s.admin, err = net.Listen("tcp", s.cfg.Admin); err != nil {
		_ = players.Close()
		return err
	}
	s.private = s.httpServer(s.metrics.admin())
	return nil
}

// httpServer has the timeouts without which half-sent requests pile up. A long
// poll takes 30 s, a profile may take longer.
func (s *Server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: cmp.Or(s.cfg.headWait, 2*time.Second), ReadTimeout: max(10*time.Second, s.cfg.headWait),
		WriteTimeout: 45 * time.Second, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 8 << 10,
		ErrorLog: log.New(io.Discard, "", 0), // what clients do wrong is counted, not logged line by line
	}
}

// URL is where players find the server.
func (s *Server) URL() string {
	scheme := "http://"
	if s.cfg.TLSCert != "" {
		scheme = "https://"
	}
	return scheme + reachable(s.players.Addr())
}

// AdminURL is where metrics are, empty where they are not served.
func (s *Server) AdminURL() string {
	if s.admin == nil {
		return ""
	}
	return "http://" + reachable(s.admin.Addr())
}

// reachable turns the address of all interfaces into one to type in.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
}

// Run serves until ctx is done, drains, and returns when everything has
// ended. An error means that it could not serve.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hall := start(func(ctx context.Context) error { s.hall.Run(ctx); return nil })
	host := start(s.host.Run)
	room := start(s.lobby.Run)
	made := start(func(ctx context.Context) error { s.rooms.Run(ctx); return nil })
	control := start(s.control.run)
	results := start(s.career.Run)
	posting := start(s.hooks.Run)
	accounts := start(func(ctx context.Context) error { s.accounts.Run(ctx); return nil })
	friends := start(s.runSocial)
	failed := make(chan error, 2)
	var serving sync.WaitGroup
	serving.Go(func() { failed <- s.public.Serve(s.players) })
	if s.admin != nil {
		serving.Go(func() { failed <- s.private.Serve(s.admin) })
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	case <-s.control.replaced:
		err = errRestored
	case <-s.node.Down():
		err = s.node.Err() // a restart may help; without one nothing is written any more
	}
	s.drain()
	err = errors.Join(err, host.stop(), made.stop(), room.stop())
	s.hall.Drain(protocol.Draining)
	err = errors.Join(err, hall.stop())
	s.shutdown()
	serving.Wait()
	s.upgrader.Close()
	return errors.Join(err, friends.stop(), accounts.stop(), results.stop(), posting.stop(), control.stop(), s.node.Close())
}

// drain takes nothing new and gives matches time to finish.
func (s *Server) drain() {
	s.log.Info("draining; a second signal ends at once", "matches", s.host.Matches(), "wait", s.cfg.DrainWait)
	s.lobby.Drain()
	s.rooms.Drain()
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.DrainWait)
	defer cancel()
	if err := s.host.Drain(ctx); err != nil {
		s.log.Warn("matches are cut short", "matches", s.host.Matches())
	}
}

// shutdown ends the HTTP servers; requests under way get a moment.
func (s *Server) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for _, h := range []*http.Server{s.public, s.private} {
		if h != nil && h.Shutdown(ctx) != nil {
			_ = h.Close()
		}
	}
}

// A part is something that runs until it is stopped.
type part struct {
	cancel context.CancelFunc
	done   chan error
}

func start(run func(context.Context) error) part {
	ctx, cancel := context.WithCancel(context.Background())
	p := part{cancel, make(chan error, 1)}
	go func() { p.done <- run(ctx) }()
	return p
}

func (p part) stop() error {
	p.cancel()
	return <-p.done
}

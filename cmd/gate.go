package cmd

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/musterhq/muster/lobby/api"
)

// upgrades is how sockets are opened when many come at once.
func (s *Server) upgrades() api.Upgrades {
	return api.Upgrades{AtOnce: s.cfg.Upgrades, Line: s.cfg.UpgradeLine, Meter: s.metrics.upgrades}
}

// upgradeMetrics implement [api.UpgradeMeter].
type upgradeMetrics struct {
	waiting    prometheus.Gauge
	turnedAway prometheus.Counter
	took       prometheus.Histogram
}

func newUpgradeMetrics() upgradeMetrics {
	return upgradeMetrics{
		waiting:    gauge("muster_upgrades_waiting", "Clients in line for a socket."),
		turnedAway: counter("muster_upgrades_turned_away_total", "Clients told to come back later, for too many came at once."),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "muster_upgrade_duration_seconds", Help: "How long it took to open a socket, waiting included, once the request was read: of those that were opened.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}),
	}
}

func (m upgradeMetrics) register(r *prometheus.Registry) {
	r.MustRegister(m.waiting, m.turnedAway, m.took)
}

func (m upgradeMetrics) Waiting(n int)               { m.waiting.Set(float64(n)) }
func (m upgradeMetrics) TurnedAway()                 { m.turnedAway.Inc() }
func (m upgradeMetrics) Upgraded(took time.Duration) { m.took.Observe(took.Seconds()) }

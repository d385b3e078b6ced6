package cmd

import (
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/musterhq/muster/match"
	"github.com/musterhq/muster/protocol"
)

// metrics are what the people who run the server at night look at. It
// implements the Meters of socket and match; every method is called on
// beats, so what has labels is looked up as rarely as can be.
type metrics struct {
	registry *prometheus.Registry

	connections prometheus.Gauge
	opened      prometheus.Counter
	goodbyes    *prometheus.CounterVec
	bytesIn     prometheus.Counter
	bytesOut    prometheus.Counter

	upgrades upgradeMetrics

	matches   prometheus.Gauge
	ended     *prometheus.CounterVec
	took      *prometheus.HistogramVec
	late      *prometheus.HistogramVec
	frames    prometheus.Counter
	keyframes prometheus.Counter
	payload   prometheus.Counter
	skips     prometheus.Counter
	inputs    prometheus.Counter
	steps     *prometheus.CounterVec

	// Set by newMetrics and never changed.
	byMode  map[string]modeMetrics
	bySteps [match.Steps]prometheus.Counter
}

type modeMetrics struct{ took, late prometheus.Observer }

// tickBuckets are in seconds: from 25 µs to a whole second.
var tickBuckets = []float64{.000025, .00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1}

func newMetrics(modes []string) *metrics {
	m := &metrics{
		registry:    prometheus.NewRegistry(),
		connections: gauge("muster_connections", "Open sockets."),
		opened:      counter("muster_connections_opened_total", "Sockets opened since the start."),
		goodbyes:    counterVec("muster_goodbyes_total", "Sockets closed, by reason.", "reason"),
		bytesIn:     counter("muster_socket_read_bytes_total", "Bytes read from sockets."),
		bytesOut:    counter("muster_socket_written_bytes_total", "Bytes written to sockets."),
		upgrades:    newUpgradeMetrics(),
		matches:     gauge("muster_matches", "Matches that run."),
		ended:       counterVec("muster_matches_ended_total", "Matches ended, by mode and why.", "mode", "why"),
		took:        histogramVec("muster_tick_duration_seconds", "How long a tick takes: read, step, encode, write.", "mode"),
		late:        histogramVec("muster_tick_lateness_seconds", "How late a tick begins.", "mode"),
		frames:      counter("muster_frames_total", "State frames written."),
		keyframes:   counter("muster_keyframes_total", "Keyframes among the frames written."),
		payload:     counter("muster_frame_bytes_total", "Payload of the frames written."),
		skips:       counter("muster_frames_skipped_total", "Frames that a slow client was spared."),
		inputs:      counter("muster_inputs_total", "Inputs taken in."),
		steps:       counterVec("muster_client_ticks_total", "Ticks of clients, by how often they are sent a frame: each tick, each second or third one, or twice a second.", "rate"),
		byMode:      map[string]modeMetrics{},
	}
	for _, name := range modes {
		m.byMode[name] = modeMetrics{m.took.WithLabelValues(name), m.late.WithLabelValues(name)}
	}
	for step := range match.Step(match.Steps) {
		m.bySteps[step] = m.steps.WithLabelValues(step.String())
	}
	m.upgrades.register(m.registry)
	m.registry.MustRegister(m.connections, m.opened, m.goodbyes, m.bytesIn, m.bytesOut, m.matches, m.ended, m.took, m.late,
		m.frames, m.keyframes, m.payload, m.skips, m.inputs, m.steps,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

func counterVec(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func histogramVec(name, help string, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: tickBuckets}, labels)
}

// Opened, Closed, Read and Wrote implement socket.Meter.

func (m *metrics) Opened() { m.connections.Inc(); m.opened.Inc() }

func (m *metrics) Closed(why protocol.Reason) {
	m.connections.Dec()
	m.goodbyes.WithLabelValues(why.Text).Inc()
}

func (m *metrics) Read(n int)  { m.bytesIn.Add(float64(n)) }
func (m *metrics) Wrote(n int) { m.bytesOut.Add(float64(n)) }

// Tick, Traffic, Matches and Ended implement match.Meter.

func (m *metrics) Tick(mode string, took, late time.Duration) {
	of := m.byMode[mode]
	of.took.Observe(took.Seconds())
	of.late.Observe(late.Seconds())
}

func (m *metrics) Traffic(t match.Traffic) {
	m.frames.Add(float64(t.Frames))
	m.keyframes.Add(float64(t.Keyframes))
	m.payload.Add(float64(t.Bytes))
	m.skips.Add(float64(t.Skips))
	m.inputs.Add(float64(t.Inputs))
	for step, clients := range t.Steps {
		if clients > 0 {
			m.bySteps[step].Add(float64(clients))
		}
	}
}

func (m *metrics) Matches(n int)          { m.matches.Set(float64(n)) }
func (m *metrics) Ended(mode, why string) { m.ended.WithLabelValues(mode, why).Inc() }

// admin serves what must not be public: metrics and profiles. It has a mux of
// its own, since importing net/http/pprof fills the default one. The command
// line is left out: a -secret may stand in it.
func (m *metrics) admin() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A process is a server that is measured.
type process struct {
	cmd     *exec.Cmd
	url     string // http://…
	metrics string // the same of its metrics; "" of a bare one
}

// binary is a server's that is no bare one, "" otherwise.
func (c *config) binary(way string) string {
	return map[string]string{wayServer: c.muster, wayOther: c.other}[way]
}

// start runs a server and waits until it listens.
func start(ctx context.Context, cfg *config, s shape, way string, size int) (*process, error) {
	args := []string{os.Args[0], serveArg, "-way", way, "-rooms", fmt.Sprint(s.rooms), "-seats", fmt.Sprint(s.seats),
		"-hz", fmt.Sprint(s.hz), "-size", fmt.Sprint(size)}
	if binary := cfg.binary(way); binary != "" {
		args = []string{binary, "-addr", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-hidden", "-data", ":memory:", "-log", "error"}
	}
	p := &process{cmd: exec.CommandContext(ctx, args[0], args[1:]...)}
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			p.url = url
		}
		if url, ok := strings.CutPrefix(lines.Text(), "metrics on "); ok {
			p.metrics = url
		}
		if p.url != "" && (p.metrics != "" || cfg.binary(way) == "") {
			go func() {
				for lines.Scan() {
				}
			}()
			return p, nil
		}
	}
	p.end()
	return nil, errors.New("it ended before it listened")
}

func (p *process) end() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// cpu is what the process has used, by the kernel and itself. Its clock counts
// in ns, where /proc/PID/stat counts in hundredths of a second.
func (p *process) cpu() (time.Duration, error) {
	const scheduled = 2 // CPUCLOCK_SCHED of a process: see clock_getcpuclockid(3)
	var used unix.Timespec
	err := unix.ClockGettime(int32(^p.cmd.Process.Pid<<3|scheduled), &used)
	return time.Duration(used.Nano()), err
}

// resident is the process's memory, in KiB.
func (p *process) resident() (float64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	var size, pages int
	_, err = fmt.Sscan(string(data), &size, &pages)
	return float64(pages*syscall.Getpagesize()) / 1024, err
}

// A machine is how long its cores have been idle, and how long there were any,
// in clock ticks.
type machine struct{ idle, all int }

func readMachine() (m machine, err error) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return m, err
	}
	line, _, _ := strings.Cut(string(data), "\n")
	for i, word := range strings.Fields(line)[1:] {
		n, err := strconv.Atoi(word)
		if err != nil {
			return m, fmt.Errorf("/proc/stat: %w", err)
		}
		if m.all += n; i == 3 || i == 4 { // idle, and waiting for a disk
			m.idle += n
		}
	}
	return m, nil
}

// busySince is how many percent of the machine were in use since.
func (m machine) busySince() (float64, error) {
	now, err := readMachine()
	return 100 - 100*float64(now.idle-m.idle)/float64(max(now.all-m.all, 1)), err
}

//go:build !linux || !(amd64 || arm64)

package socket

import "net"

// takeLine says that raw descriptors are not to be had here.
func takeLine(net.Conn, int) (line, bool) { return nil, false }

// Package sockettest is the client's end of a WebSocket down to single frames,
// for tests that have to say what no client library would.
package sockettest

import (
	"encoding/binary"
	"io"
)

// The first bytes of whole messages and of control frames.
const (
	Text   = 0x81
	Binary = 0x82
	Close  = 0x88
	Ping   = 0x89
	Pong   = 0x8a
)

// Frame is a client's frame that begins with a byte, such as [Binary], under a
// mask that changes nothing.
func Frame[B string | []byte](first byte, payload B) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// Read reads the next frame of a server, which has no mask.
func Read(r io.Reader) (first byte, payload []byte, err error) {
	var head [2]byte
	if _, err = io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := uint64(head[1])
	if n >= 126 {
		var long [8]byte
		part := long[8-(2+6*(n-126)):] // 2 or 8 bytes
		if _, err = io.ReadFull(r, part); err != nil {
			return 0, nil, err
		}
		n = binary.BigEndian.Uint64(long[:])
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(r, payload)
	return head[0], payload, err
}

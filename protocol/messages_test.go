package protocol_test

import (
	"errors"
	"testing"

	"github.com/musterhq/muster/protocol"
)

func TestUnknownTypes(t *testing.T) {
	if _, err := protocol.ParseServer([]byte{0x91, 0xe1}); !errors.Is(err, protocol.ErrUnknown) || !errors.Is(err, protocol.ErrMalformed) {
		t.Errorf("a type of tomorrow: %v", err)
	}
	if _, err := protocol.ParseServer([]byte{0x91, 0xfc}); errors.Is(err, protocol.ErrUnknown) {
		t.Errorf("a pong without its stamp: %v", err)
	}
}

func TestClusterMessagesReturn(t *testing.T) {
	want := protocol.Start{Match: "m", Mode: "arena", Seed: 1<<64 - 1, Seats: []protocol.StartSeat{{Seat: 3, Player: protocol.Player{ID: "p", Name: "Ada"}}}}
	var got protocol.Start
	if err := protocol.Unmarshal(protocol.Marshal(want), &got); err != nil || got.Seed != want.Seed || got.Seats[0] != want.Seats[0] {
		t.Errorf("got %+v, %v", got, err)
	}
}

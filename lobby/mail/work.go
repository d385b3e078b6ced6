package mail

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// work serves lines until ctx ends.
func (o *Office) work(ctx context.Context) {
	for ctx.Err() == nil {
		if l, w := o.take(); l != nil {
			o.release(l, o.attend(ctx, l, w))
			continue
		}
		select {
		case <-ctx.Done():
		case <-o.wake:
		}
	}
}

// attend does what a line wishes and returns what is left of it.
func (o *Office) attend(ctx context.Context, l *line, w wish) (left wish) {
	b, err := o.settle(ctx, l.address, w.ack)
	o.note(ctx, l, err)
	switch {
	case errors.Is(err, ErrAddress):
		return wish{} // it will not become one
	case err != nil:
		return w
	case !w.tell:
		return wish{}
	case w.begin:
		l.cursor = 0
	}
	return wish{tell: !o.tell(l, b.after(0))}
}

// settle writes an acknowledgement, if any, and returns the mailbox after it.
func (o *Office) settle(ctx context.Context, a address, ack uint64) (box, error) {
	if ack == 0 {
		return o.read(ctx, a)
	}
	return o.change(ctx, a, func(b *box) bool { return b.ack(ack) })
}

// note logs that a line has begun to fail.
func (o *Office) note(ctx context.Context, l *line, err error) {
	if err != nil && !l.failing && ctx.Err() == nil {
		o.cfg.Log.Error("mail is not delivered", "game", l.game, "player", l.player, "err", err)
	}
	l.failing = err != nil
}

// tell sends a line what comes after its cursor, as far as the window goes. It
// returns false if the connection could not be reached.
func (o *Office) tell(l *line, unread []protocol.MailNotice) bool {
	told := slices.IndexFunc(unread, func(n protocol.MailNotice) bool { return n.ID > l.cursor })
	if told < 0 {
		return true
	}
	under, rest := sizeOf(unread[:told]), unread[told:]
	for len(rest) > 0 {
		piece := o.piece(rest)
		under += sizeOf(piece)
		if under > o.cfg.Window && (told > 0 || len(rest) < len(unread)) {
			return true // acknowledgements will go on with it
		}
		if !o.teller.Tell(l.player, protocol.Append(nil, protocol.Mail{After: l.cursor, Notices: piece})) {
			return false
		}
		l.cursor, rest = piece[len(piece)-1].ID, rest[len(piece):]
	}
	return true
}

// piece is as much of the notices as one message may hold, and at least one.
func (o *Office) piece(all []protocol.MailNotice) []protocol.MailNotice {
	n := 1
	for size := sizeOf(all[:1]); n < min(len(all), protocol.MaxMailList); n++ {
		if size += sizeOf(all[n : n+1]); size > o.cfg.Piece {
			break
		}
	}
	return all[:n]
}

// sizeOf is how many bytes notices have on the wire, at most.
func sizeOf(all []protocol.MailNotice) (bytes int) {
	const numbers = 32 // two, and the heads of five elements and of the array
	for _, n := range all {
		bytes += numbers + len(n.Kind) + len(n.Text) + len(n.Data)
	}
	return bytes
}

// Sweep drops what has expired in the mailboxes of those who never come. It
// reads all there are: once a day is plenty.
func (o *Office) Sweep(ctx context.Context) error {
	var old []string
	err := o.boxes.All(ctx, func(e bus.Entry[box]) error {
		if e.Value.expire(time.Now(), &o.cfg) {
			old = append(old, e.Key)
		}
		return nil
	})
	for _, key := range old {
		_, changed := o.boxes.Change(ctx, key, func(b *box) error { b.expire(time.Now(), &o.cfg); return nil })
		if err == nil && !errors.Is(changed, bus.ErrNotFound) {
			err = changed
		}
	}
	return err
}

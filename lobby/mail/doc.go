// Package mail keeps notices for players until they have been read: invites,
// results, words of moderators, whatever a studio sends. None is lost, none is
// shown twice, and they stay in order, through cut connections and restarts.
//
//	Send ─► mailbox (one entry of a bucket, by compare-and-set) ─► committed
//	                                                                  │ nudge
//	Attach ─► line: cursor 0 ──► worker: mailbox after the cursor ◄───┘
//	                               │ Tell, piece by piece
//	                               ▼
//	                    client: MailReader ─► MailAck ─► Acked ─► mailbox shrinks
//
// The mailbox is the truth and a line only says how far its player's connection
// has been told; one worker at a time serves a line, and reads what it sends
// from the mailbox. So a notice of this moment cannot overtake older ones that
// are still under way, and what Tell loses is sent when the player comes back,
// or asks, since each Mail names the notice before it.
package mail

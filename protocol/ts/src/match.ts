import { type Joined, type Pace, type Roster, type RosterSeat, ack, follow } from './control.ts';
import { neutral, writeInput } from './input.ts';
import { Mirror } from './mirror.ts';
import { Writer } from './pack.ts';
import { Stats } from './stats.ts';
import { Timeline } from './timeline.ts';

/**
 * A frame is acked by itself when no input was sent for so many ticks. The
 * server sends only some frames beyond the last that was acked, so acking less
 * often would have it skip this client.
 */
const ACK_TICKS = 2;

/** Snapshots to look back at: more than the longest delay at which others are shown. */
const KEEP = 24;

/** Fills in what the player does in this tick; values are neutral, or as they were where the field keeps them. */
export type Sampler = (values: Int32Array, seq: number) => void;

/** A seat in a match: its state as it comes in, and the inputs that go out. Who watches has the seat -1, and no inputs. */
export class Match {
  readonly mirror: Mirror;
  readonly timeline: Timeline;
  readonly roster = new Map<number, RosterSeat>();
  /** Asked for each input. */
  sample: Sampler = () => {};
  /** The last input's sequence, modulo 128. */
  seq = 0;
  /** When it was sent, and how long until the next, in ms. */
  inputAt = 0;
  interval: number;
  /** How many people watch the match. */
  watchers = 0;
  /** The seat through whose eye we see a plane that we watch; -1: from the middle. */
  followed = -1;
  /** Thousandths of its usual speed at which game time runs. */
  permille = 1000;

  private readonly tickMs: number;
  private readonly writer = new Writer();
  private readonly values: Int32Array<ArrayBuffer>;
  private frameAt = 0;
  private sentAt = 0;
  private nextInput = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly joined: Joined, readonly stats: Stats,
    private readonly send: (bytes: Uint8Array<ArrayBuffer>) => void, private readonly now: () => number) {
    this.mirror = new Mirror(joined.schema, joined.seat, KEEP);
    this.timeline = new Timeline(joined.hz);
    this.tickMs = this.interval = 1000 / joined.hz;
    this.values = Int32Array.from(joined.schema.inputs, neutral);
    for (const s of joined.roster) this.roster.set(s.seat, s);
  }

  get seat(): number { return this.joined.seat; }
  get hz(): number { return this.joined.hz; }
  /** Whether a frame has come in. */
  get started(): boolean { return this.stats.frames > 0 && this.mirror.kept > 0; }

  /** Takes in a frame, from the handler of the socket's messages. True if a view hash did not match. */
  frame(bytes: Uint8Array): boolean {
    const now = this.now(), before = this.mirror.desyncs;
    this.mirror.frame(bytes);
    const head = this.mirror.head;
    this.stats.frame(now, bytes.length, head.age, head.slack);
    this.timeline.frame(this.mirror.now.tick, now);
    this.frameAt = now;
    if (now - this.sentAt > ACK_TICKS * this.tickMs) {
      this.sentAt = now;
      this.send(new Uint8Array(ack(this.mirror.now.tick, 0)));
    }
    if (this.nextInput === 0 && this.seat >= 0) this.startInputs(now);
    return this.mirror.desyncs !== before;
  }

  rosterChanged(m: Roster): void {
    for (const s of m.seats) this.roster.set(s.seat, s);
  }

  paceChanged(m: Pace): void {
    this.permille = Math.max(1, m.permille);
    this.timeline.pace(this.permille / 1000);
  }

  /** Who watches sees a plane as this seat does from now on, also after a lost connection; -1: from the middle. */
  follow(seat: number): void {
    this.followed = seat;
    this.send(new Uint8Array(follow(seat)));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.nextInput = -1;
  }

  private startInputs(now: number): void {
    this.nextInput = now;
    this.tick();
  }

  /** Sends an input when it is due, at a rate that the server's slack steers. */
  private tick = (): void => {
    if (this.nextInput < 0) return;
    const now = this.now();
    if (now >= this.nextInput) {
      this.input(now);
      const slack = this.mirror.head.slack / 8;
      this.interval = this.tickMs * (1 + Math.max(-0.05, Math.min(0.05, slack * 0.02))) * 1000 / this.permille;
      this.nextInput += this.interval;
      // A tab that was hidden or a machine that slept does not catch up.
      if (this.nextInput < now - 3 * this.tickMs) this.nextInput = now + this.interval;
    }
    this.timer = setTimeout(this.tick, Math.max(1, this.nextInput - this.now()));
  };

  private input(now: number): void {
    const fields = this.joined.schema.inputs;
    this.seq = (this.seq + 1) & 127;
    fields.forEach((f, i) => { if (!f.keep) this.values[i] = neutral(f); });
    this.sample(this.values, this.seq);
    const tick = this.mirror.now.tick;
    const eighths = (ticks: number) => Math.max(0, Math.min(127, Math.round(ticks * 8)));
    this.send(writeInput(this.writer, {
      seq: this.seq, ack: tick & 127,
      hold: Math.min(127, Math.floor((now - this.frameAt) / this.tickMs * 8)),
      lag: eighths(tick - this.timeline.tick(now)), values: this.values,
    }, fields));
    this.inputAt = this.sentAt = now;
    this.stats.inputs++;
  }
}

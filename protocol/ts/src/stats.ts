/** What the net graph shows: how the connection does. */
export class Stats {
  /** The shortest round trip of the last seconds in ms, to about a tick; 0 before the first. */
  rtt = 0;
  /** Since the frame before, in ms. */
  gap = 0;
  /** The longest gap of the last second, in ms. */
  worstGap = 0;
  /** Of the last second. */
  bytesPerSecond = 0;
  framesPerSecond = 0;
  /** Ticks from the last frame's base to it. */
  age = 0;
  /** Eighths of a tick that our inputs wait at the server, beyond what is needed. */
  slack = 0;
  desyncs = 0;
  /** Lost connections that were made again. */
  reconnects = 0;
  frames = 0;
  inputs = 0;

  /** The last gaps in ms and sizes in bytes, in a ring; the newest is before `at`. */
  readonly gaps = new Float32Array(128);
  readonly sizes = new Float32Array(128);
  at = 0;

  private lastFrame = 0;
  private windowStart = 0;
  private bytes = 0;
  private count = 0;
  private longest = 0;
  private readonly trips = [0, 0, 0, 0];

  frame(now: number, size: number, age: number, slack: number): void {
    this.gap = this.lastFrame ? now - this.lastFrame : 0;
    this.lastFrame = now;
    this.age = age;
    this.slack = slack;
    this.frames++;
    this.gaps[this.at] = this.gap;
    this.sizes[this.at] = size;
    this.at = (this.at + 1) % this.gaps.length;
    this.bytes += size;
    this.count++;
    this.longest = Math.max(this.longest, this.gap);
    if (now - this.windowStart >= 1000) this.roll(now);
  }

  private roll(now: number): void {
    const seconds = Math.max(1, (now - this.windowStart) / 1000);
    if (this.windowStart) {
      this.bytesPerSecond = this.bytes / seconds;
      this.framesPerSecond = this.count / seconds;
      this.worstGap = this.longest;
    }
    this.windowStart = now;
    this.bytes = this.count = this.longest = 0;
  }

  roundTrip(ms: number): void {
    this.trips.shift();
    this.trips.push(ms);
    this.rtt = Math.min(...this.trips.filter((t) => t > 0));
  }

  /** A new connection: the time without one is no gap. */
  afresh(): void {
    this.lastFrame = 0;
    this.trips.fill(0);
  }
}

import { type ServerMessage, isControl, parseServer, ping } from './control.ts';
import { type Reason, reasonOf } from './reason.ts';

/** What of a WebSocket is used, so that tests can bring their own. */
export interface Socket {
  binaryType: string;
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((e: { data: unknown }) => void) | null;
  onclose: ((e: { code: number; reason: string }) => void) | null;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}
export type Dial = (url: string, protocols: string[]) => Socket;

export interface Handlers {
  control(m: ServerMessage): void;
  frame(bytes: Uint8Array): void;
  /** Once, whatever ended it. */
  closed(reason: Reason): void;
  roundTrip(ms: number): void;
}

const OPEN = 1; // a WebSocket's readyState
const PING_MS = 1000;
/** Without a word for so long it is as good as lost. */
const SILENT_MS = 8000;

/** One socket, from its opening to its one reason to end. */
export class Connection {
  private readonly socket: Socket;
  private goodbye?: Reason;
  private ended = false;
  private heard: number;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(readonly url: string, offers: string[], dial: Dial, private readonly now: () => number, private readonly to: Handlers) {
    this.heard = now();
    const s = this.socket = dial(url, ['muster.v1', ...offers]);
    s.binaryType = 'arraybuffer';
    s.onopen = () => { this.heard = this.now(); };
    s.onmessage = (e) => this.message(e.data);
    s.onclose = (e) => this.end(reasonOf(e.code, e.reason));
    this.timer = setInterval(() => this.watch(), PING_MS);
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.ended && this.socket.readyState === OPEN) this.socket.send(bytes);
  }

  /** Ends it; closed is told at once, for the browser may take its time. */
  close(reason: Reason): void {
    if (this.ended) return;
    this.socket.close(1000);
    this.end(reason);
  }

  private message(data: unknown): void {
    if (this.ended || !(data instanceof ArrayBuffer)) return;
    this.heard = this.now();
    const bytes = new Uint8Array(data);
    try {
      if (isControl(bytes)) this.control(parseServer(bytes));
      else this.to.frame(bytes);
    } catch (e) {
      // A message that we cannot follow: a new connection brings a keyframe.
      this.close({ code: 1002, text: e instanceof Error ? e.message : String(e), comeBack: true });
    }
  }

  private control(m: ServerMessage): void {
    if (m.type === 'pong') this.to.roundTrip((Math.floor(this.now()) - m.stamp) >>> 0);
    else if (m.type === 'goodbye') this.goodbye = { code: m.code, text: m.text, comeBack: m.comeBack };
    else this.to.control(m);
  }

  private watch(): void {
    const now = this.now();
    if (now - this.heard > SILENT_MS) this.close({ code: 1006, text: 'connection lost', comeBack: true });
    else if (this.welcomed) this.send(new Uint8Array(ping(Math.floor(now))));
  }

  /** Pings are not for a socket that is still opening. */
  welcomed = false;

  private end(reason: Reason): void {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.timer);
    this.to.closed(this.goodbye ?? reason);
  }
}

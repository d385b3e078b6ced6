import type { Mail, MailNotice } from './control.ts';

/** A client's side of mail: which notices are new, and what to answer. */
export class MailReader {
  /** The newest notice on this connection, undefined before its first Mail. */
  private at?: number;

  /** @param seen the newest notice that was new; kept beyond the program each notice is new once */
  constructor(public seen = 0) {}

  /** Forgets what the connection before had under way. */
  connected(): void {
    this.at = undefined;
  }

  /** The notices to show, in this order, and the id to answer with then: 0 asks for all again, as something is missing. */
  take(m: Mail): { fresh: MailNotice[]; ack: number } {
    if (m.after !== 0 && m.after !== this.at) return { fresh: [], ack: 0 };
    this.at ??= 0;
    const fresh: MailNotice[] = [];
    for (const n of m.notices) {
      this.at = n.id;
      if (n.id > this.seen) {
        fresh.push(n);
        this.seen = n.id;
      }
    }
    return { fresh, ack: this.at };
  }
}

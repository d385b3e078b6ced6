import { ApiError, BANNED, type Reason } from '@muster/client';
import type { Login } from './login.ts';
import { type Action, type Banner, ends, explain, outdated, telling } from './ui/banner.ts';
import { problem } from './ui/problems.ts';

/** Short losses heal unseen, in ms. */
const UNSEEN = 400;

/** Where one goes when a connection has ended. */
export interface Exits {
  menu(): void;
  logIn(): void;
  connect(): void;
}

/** Why connections end, told to the player, with what can be done about it. */
export class Parting {
  /** Why the connection was lost: while it is, and what it was the last time. */
  last?: Reason;
  private lost?: Reason;

  constructor(private readonly login: Login, private readonly banner: Banner, private readonly to: Exits) {}

  /** There is a connection again. */
  healed(): void {
    this.banner.hide();
    this.last = this.lost;
    this.lost = undefined;
  }

  /** There shall be no connection any more: nothing is told of it. */
  end(): void {
    this.lost = undefined;
    this.login.hangUp();
    this.banner.hide();
  }

  goodbye(r: Reason & { again?: number }): void {
    const why = this.lost = telling(this.lost, r);
    if (r.again !== undefined) {
      setTimeout(() => { if (this.login.client?.state === 'connecting') this.banner.say(`${explain(why)} Coming back…`); }, UNSEEN);
      return;
    }
    this.lost = undefined;
    if (ends(why)) this.login.forget();
    else this.login.hangUp();
    this.to.menu();
    this.banner.say(explain(why), 0, ...this.remedy(why));
    if (why.code === BANNED) void this.tellBan();
  }

  /** What a player can do about a connection that has ended: about a ban, nothing. */
  private remedy(why: Reason): Action[] {
    if (why.code === BANNED) return [];
    if (outdated(why)) return [{ name: 'Load it anew', run: () => location.reload() }];
    if (ends(why)) return [{ name: 'Log in', run: this.to.logIn }];
    return [{ name: 'Connect again', run: this.to.connect }];
  }

  /** Until when it is and why is not in the goodbye: whoever asks for new tokens is told. */
  private async tellBan(): Promise<void> {
    const session = this.login.session;
    const e = await session?.renew().then(() => undefined, (e: unknown) => e);
    if (e instanceof ApiError && e.ban && session === this.login.session) this.banner.say(problem(e));
  }
}

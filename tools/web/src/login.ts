import { Client, rename, type Returned, type SavedSession, Session } from '@muster/client';
import { noted } from './kept.ts';
import { reach } from './version.ts';

/** What the page wants to hear of its player. */
export interface Following {
  /** A connection of its own begins; nothing of it has happened yet. */
  connected(client: Client): void;
  /** Tokens, name or player are other ones, or nobody plays any more. */
  changed(): void;
}

/** Who plays at this page, and the connection. Nobody does at first: a guest is made when one is wanted. */
export class Login {
  session?: Session;
  client?: Client;
  private entering?: Promise<Client>;

  constructor(private readonly to: Following) {}

  /** Is who one was before the page was loaded anew. */
  restore(saved: SavedSession): Client {
    this.use(Session.restore(location.origin, saved, reach));
    return this.connect();
  }

  /** The connection of whoever plays. Nobody becomes a guest of the name; a guest goes by it from now on. */
  as(name: string): Promise<Client> {
    this.entering ??= this.enter(name).finally(() => { this.entering = undefined; });
    return this.entering;
  }

  private async enter(name: string): Promise<Client> {
    if (!this.session) this.use(await Session.guest(location.origin, name, reach));
    else if (this.session.guest && this.session.player.name !== name) await this.rename(name);
    return this.connect();
  }

  private connect(): Client {
    if (!this.client) {
      const player = this.session!.player.id;
      this.client = new Client(this.session!, { mailSeen: noted(player) });
      this.to.connected(this.client);
      this.client.connect();
    }
    return this.client;
  }

  /** Makes an account. A guest becomes it, and is the same player. */
  async register(username: string, password: string, name: string): Promise<void> {
    if (this.session?.guest) await this.session.addPassword(username, password);
    else this.use(await Session.register(location.origin, username, password, name, reach));
    this.connect();
  }

  /** Ends a login at a provider of OpenID Connect. */
  async provided(back: Returned): Promise<void> {
    this.use(await Session.provided(location.origin, back, reach));
    this.connect();
  }

  async logIn(username: string, password: string): Promise<void> {
    this.use(await Session.password(location.origin, username, password, reach));
    this.connect();
  }

  /** Others see the new name on connections that are made from now on, so this one is made anew. */
  async rename(name: string): Promise<void> {
    await rename(this.session!, name);
    this.hangUp();
    this.connect();
  }

  /** Ends this login, or all of the player. */
  async logOut(everywhere = false): Promise<void> {
    const session = this.session!;
    this.forget();
    await (everywhere ? session.logoutEverywhere() : session.logout());
  }

  /** Nobody plays here any more. */
  forget(): void {
    this.hangUp();
    this.session = undefined;
    this.to.changed();
  }

  hangUp(): void {
    const client = this.client;
    this.client = undefined;
    client?.close();
  }

  private use(session: Session): void {
    this.hangUp();
    session.changed = () => { if (this.session === session) this.to.changed(); };
    this.session = session;
    this.to.changed();
  }
}

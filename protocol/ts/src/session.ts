// The REST side: login, accounts, modes, tickets.

import { TAB_ANSWERS, type Tabs, tabs as allTabs } from './tabs.ts';

export interface Player { id: string; name: string }
export interface Mode {
  name: string; title: string;
  /** What it is, for people who choose. May be empty. */
  about: string;
  seats: number; hz: number; min_players: number;
  /** 1: all against all. */
  teams: number;
  /** Seats of a team, and players of the largest party. */
  team_size: number;
  /** Of which a wish may say pings, and what properties it may have. */
  regions: string[]; props: string[];
  /** To accept a match; 0: nobody is asked. */
  accept_seconds: number;
  /** Whether players may join matches that run. */
  backfill: boolean;
  /** What can be chosen for a match in a room, in this order. */
  options: ModeOption[];
}

/** One of min to max; where there are values, the name of the one at that number. */
export interface ModeOption { name: string; title: string; values: string[]; min: number; max: number; default: number }

/** What to queue for. */
export interface Wish {
  mode: string;
  /** Measured round trips in ms, 1 to 10000, by region of the mode; without any, all will do. */
  pings?: Record<string, number>;
  /** What the others must have the same, of the mode's props. */
  props?: Record<string, string>;
  /** Not into a match that runs already. */
  fresh?: boolean;
}

/** A match that runs. Without watch one may not watch it. */
export interface LiveMatch {
  id: string; mode: string; age_seconds: number; seats: number; players: { seat: number; name: string }[]; joinable: boolean; custom: boolean;
  watch?: { delay_seconds: number };
}

export interface Ticket {
  id: string;
  mode: string;
  state: 'waiting' | 'offered' | 'forming' | 'placed' | 'cancelled' | 'failed';
  /** Where it is cancelled or failed: by_player, declined, no_answer, idle, draining, no_host. */
  reason?: string;
  /** Where it waits, why; as Wait of the socket. */
  waiting?: { waited_ms: number; gap?: number; ping?: number; in_range: number; estimate_ms?: number; why?: string };
  /** Where it is offered. */
  offer?: { left_ms: number; players: number; accepted: number; you: boolean };
  /** Once it is placed. */
  assignment?: { url: string; match: string; pass: string };
}

/** Of a player. The reason is for the player, and may be empty. */
export interface Ban { until: Date; reason: string }

/** What the server answered where it did not do what was asked. */
export class ApiError extends Error {
  override name = 'ApiError';

  /**
   * @param status of HTTP, 0 where the server was not reached
   * @param code stable, for programs: such as unknown_mode, or unreachable
   * @param retryAfter seconds to wait, 0 where nothing was said
   * @param ticket with ticket_exists, the id of the one there is
   * @param ban with banned, how long and why
   */
  constructor(readonly status: number, readonly code: string, text: string, readonly retryAfter = 0, readonly ticket = '', readonly ban?: Ban) {
    super(text);
  }
}

/** What there is to keep of a session, say in sessionStorage: who holds it is the player. */
export interface SavedSession {
  player: Player;
  access: string;
  refresh: string;
  refreshAt: number;
  /** False where it is an account's that can log in again: then it never becomes another player by itself. */
  guest?: boolean;
  /** Names the login, for tabs that hold it together. */
  login?: string;
}

/** What a device logs in with. */
export interface Device {
  /** 1 to 64 letters, digits, dots, dashes and underscores; better random. */
  id: string;
  /** 32 random bytes, kept by the device alone. */
  key: Uint8Array;
}

/** How a session reaches the server, and for which of its games. */
export interface Reach {
  http?: typeof fetch;
  game?: string;
  tabs?: Tabs;
  /** Of the game's client, such as 1.4.2: servers may turn old ones away with update_required. */
  version?: string;
}

/** A provider of OpenID Connect. */
export interface Provider { name: string; redirect: string }

/** A login at a provider that has begun: keep the secret to yourself, and open the url. */
export interface Flow { url: string; secret: string; expires_in: number }

/** What the player comes back with, and the secret of the login that it ends. */
export interface Returned { secret: string; state: string; code: string }

interface Tokens { player: Player; access: string; refresh: string; expires_in: number }

/** A player that is logged in. */
export class Session {
  player: Player;
  /** Called when saved() has changed, which it does whenever the tokens are renewed. */
  changed: () => void = () => {};
  private access = '';
  private refreshToken = '';
  private refreshAt = 0;
  private renewing?: Promise<void>;
  private isGuest: boolean;
  private readonly login: string;
  private readonly http: typeof fetch;
  /** Of the game's client, as the server is told. */
  readonly version?: string;
  private readonly game?: string;
  private readonly tabs?: Tabs;

  private constructor(readonly base: string, reach: Reach, saved: SavedSession) {
    this.http = httpOf(reach);
    this.version = reach.version;
    this.game = reach.game;
    this.tabs = reach.tabs ?? allTabs;
    this.player = saved.player;
    this.access = saved.access;
    this.refreshToken = saved.refresh;
    this.refreshAt = saved.refreshAt;
    this.isGuest = saved.guest ?? true;
    this.login = saved.login ?? Date.now().toString(36) + Math.random().toString(36).slice(2);
    this.tabs?.hear((m) => this.heard(m as TabMessage));
  }

  /** Logs in without an account. base is the server's address, such as https://play.example.com. */
  static guest(base: string, name: string, reach?: typeof fetch | Reach): Promise<Session> {
    return Session.enter(base, '/v1/login/guest', { name }, reach, true);
  }

  /** Makes an account. Others see its name, or without one the username. */
  static register(base: string, username: string, password: string, name?: string, reach?: Reach): Promise<Session> {
    return Session.enter(base, '/v1/register', { username, password, name }, reach);
  }

  /** Logs in to an account. */
  static password(base: string, username: string, password: string, reach?: Reach): Promise<Session> {
    return Session.enter(base, '/v1/login/password', { username, password }, reach);
  }

  /** Logs in with the key of a device that was added to an account. */
  static async device(base: string, device: Device, reach: Reach = {}): Promise<Session> {
    const { game } = reach;
    const { nonce } = await request<{ nonce: string }>(httpOf(reach), trimmed(base), 'POST', '/v1/login/device/challenge', { device: device.id, game });
    const proof = await deviceProof(device, game ?? 'main', nonce);
    return Session.enter(base, '/v1/login/device', { device: device.id, nonce, proof }, reach);
  }

  /** Ends a login at a provider: of the account that the identity has, of a new one, or of the one it was linked to. */
  static provided(base: string, back: Returned, reach?: Reach): Promise<Session> {
    return Session.enter(base, '/v1/login/oidc', back, reach);
  }

  private static async enter(base: string, path: string, body: object, reach: typeof fetch | Reach = {}, guest = false): Promise<Session> {
    const r = reachOf(reach);
    const t = await request<Tokens>(httpOf(r), trimmed(base), 'POST', path, { ...body, game: r.game });
    return new Session(trimmed(base), r, { ...savedOf(t), guest });
  }

  /** The same player as before, from what saved() gave. Nothing is asked yet; tokens that ran out are renewed when used. */
  static restore(base: string, saved: SavedSession, reach: typeof fetch | Reach = {}): Session {
    return new Session(trimmed(base), reachOf(reach), saved);
  }

  /** What restore takes; the newest is the one to keep. */
  saved(): SavedSession {
    return {
      player: this.player, access: this.access, refresh: this.refreshToken, refreshAt: this.refreshAt, guest: this.isGuest, login: this.login,
    };
  }

  /** The address of the socket. */
  get socketUrl(): string {
    return this.base.replace(/^http/, 'ws') + '/v1/socket';
  }

  /** An access token that is still good for a while. */
  async token(): Promise<string> {
    if (Date.now() >= this.refreshAt) await this.renew();
    return this.access;
  }

  /** Whether nobody can log in to the player but by what is saved. */
  get guest(): boolean {
    return this.isGuest;
  }

  /** Makes a guest a named account, which is the same player and has all that it had. */
  async addPassword(username: string, password: string): Promise<void> {
    await this.call('POST', '/v1/account/password', { username, password });
    this.named();
  }

  /** Lets a device log in to the player's account. */
  async addDevice(device: Device): Promise<void> {
    await this.call('PUT', `/v1/account/devices/${encodeURIComponent(device.id)}`, { key: base64url(device.key) });
    this.named();
  }

  /** Begins a login at a provider of OpenID Connect, by which the player's account gets an identity there. */
  link = (provider: string) => this.call<Flow>('POST', '/v1/account/identities', { provider });

  private named(): void {
    this.isGuest = false;
    this.changed();
  }

  /** Ends this login, here and in all tabs that hold it. */
  logout = () => this.call<void>('POST', '/v1/logout');
  /** Ends all logins of the player. */
  logoutEverywhere = () => this.call<void>('POST', '/v1/logout/everywhere');

  createTicket = (wish: string | Wish) => this.call<Ticket>('POST', '/v1/tickets', typeof wish === 'string' ? { mode: wish } : wish);
  /** Yes or no to the match that is offered to a ticket; after a no it is cancelled. */
  answerOffer = (id: string, yes: boolean) =>
    this.call<void>('POST', `/v1/tickets/${encodeURIComponent(id)}/${yes ? 'accept' : 'decline'}`);
  /** Where to watch a match, with a pass that names no seat. delay_seconds: after the players. */
  watch = (match: string) =>
    this.call<{ url: string; match: string; pass: string; delay_seconds: number }>('POST', `/v1/matches/${encodeURIComponent(match)}/watch`);
  /** Matches that run: of a mode, or of a player, oneself or a friend; by default those that everybody may watch. */
  matches = (of: { mode?: string; player?: string; watchable?: 'true'; after?: string; limit?: string } = { watchable: 'true' }) =>
    this.call<{ matches: LiveMatch[]; next?: string }>('GET', '/v1/matches?' + new URLSearchParams(of));
  ticket = (id: string) => this.call<Ticket>('GET', `/v1/tickets/${encodeURIComponent(id)}`);
  cancelTicket = (id: string) => this.call<void>('DELETE', `/v1/tickets/${encodeURIComponent(id)}`);

  /** Asks for anything else that a player may, such as PUT /v1/friends/{id}. */
  ask = <T = void>(method: string, path: string, body?: unknown) => this.call<T>(method, path, body);

  /** The ticket once its state is another than the one seen, or as it is after the wait. */
  awaitTicket(id: string, seen: Ticket['state'], signal?: AbortSignal, seconds = 25): Promise<Ticket> {
    return this.call('GET', `/v1/tickets/${encodeURIComponent(id)}?state=${seen}&wait=${seconds}s`, undefined, signal);
  }

  /**
   * Gets new tokens. Where the server has forgotten a guest, as one does that
   * was started anew without a secret of its own, it is a new guest of the name.
   */
  renew(): Promise<void> {
    this.renewing ??= this.renewAlone().finally(() => { this.renewing = undefined; });
    return this.renewing;
  }

  /** Other tabs that hold this session must not use up the same refresh token. */
  private async renewAlone(): Promise<void> {
    const tabs = this.tabs;
    if (!tabs) return this.renewOnce();
    const before = this.refreshToken;
    await tabs.alone(this.login, async () => {
      tabs.tell({ login: this.login } satisfies TabMessage);
      await new Promise((heard) => setTimeout(heard, TAB_ANSWERS));
      if (this.refreshToken !== before) return; // another tab was here before
      await this.renewOnce();
      tabs.tell({ login: this.login, saved: this.saved() } satisfies TabMessage);
    });
  }

  /** Another tab asks whether this one knows newer tokens, or says that it has some. */
  private heard(m: TabMessage): void {
    if (m.login !== this.login) return;
    if (!m.saved) this.tabs!.tell({ login: this.login, saved: this.saved() } satisfies TabMessage);
    else if (m.saved.refreshAt > this.refreshAt) this.adopt(m.saved);
  }

  private async renewOnce(): Promise<void> {
    const ask = () => request<Tokens>(this.http, this.base, 'POST', '/v1/login/refresh', { refresh: this.refreshToken, game: this.game });
    try {
      // An answer that was lost is asked for again at once: the server gives the same.
      this.take(await ask().catch((e: unknown) => e instanceof ApiError && e.code === 'unreachable' ? ask() : Promise.reject(e)));
    } catch (e) {
      if (!this.isGuest || !(e instanceof ApiError) || e.status !== 401) throw e;
      this.take(await request<Tokens>(this.http, this.base, 'POST', '/v1/login/guest', { name: this.player.name, game: this.game }));
    }
  }

  private take(t: Tokens): void {
    this.adopt(savedOf(t));
  }

  private adopt({ player, access, refresh, refreshAt, guest }: SavedSession): void {
    this.player = player;
    this.access = access;
    this.refreshToken = refresh;
    this.refreshAt = refreshAt;
    this.isGuest = guest ?? this.isGuest;
    this.changed();
  }

  private async call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const token = await this.token();
    try {
      return await request<T>(this.http, this.base, method, path, body, token, signal);
    } catch (e) {
      if (!(e instanceof ApiError) || e.status !== 401) throw e;
      if (this.access === token) await this.renew();
      return request<T>(this.http, this.base, method, path, body, this.access, signal);
    }
  }
}

/** What can be played at a server. It needs no login. */
export async function listModes(base: string, http: typeof fetch = fetch.bind(globalThis)): Promise<Mode[]> {
  return (await request<{ modes: Mode[] }>(http, base.replace(/\/$/, ''), 'GET', '/v1/modes')).modes;
}

/** Who lets players in to a server's game, and where they send them back to. */
export async function listProviders(base: string, reach: Reach = {}): Promise<Provider[]> {
  const query = reach.game ? `?game=${encodeURIComponent(reach.game)}` : '';
  return (await request<{ providers: Provider[] }>(httpOf(reach), trimmed(base), 'GET', `/v1/login/oidc${query}`)).providers;
}

/** Begins a login at one of them. */
export const beginLogin = (base: string, provider: string, reach: Reach = {}): Promise<Flow> =>
  request(httpOf(reach), trimmed(base), 'POST', `/v1/login/oidc/${encodeURIComponent(provider)}`, { game: reach.game });

const savedOf = (t: Tokens): SavedSession =>
  ({ player: t.player, access: t.access, refresh: t.refresh, refreshAt: Date.now() + t.expires_in * 800 }); // four fifths of its time

/** What tabs tell each other: newer tokens of a login, or with none the question for them. */
interface TabMessage { login: string; saved?: SavedSession }

const trimmed = (base: string) => base.replace(/\/$/, '');

/** How to ask the server: as one who says what version it is, where that is known. */
function httpOf({ http = fetch.bind(globalThis), version }: Reach): typeof fetch {
  if (!version) return http;
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('Muster-Client', version);
    return http(input, { ...init, headers });
  };
}

const reachOf = (reach: typeof fetch | Reach): Reach => typeof reach === 'function' ? { http: reach } : reach;

/** As PROTOCOL.md has it. Browsers compute it in pages under https alone. */
async function deviceProof(device: Device, game: string, nonce: string): Promise<string> {
  const key = await crypto.subtle.importKey('raw', device.key.slice(), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const text = ['muster device login v1', game, device.id, nonce].map((t) => `${t}\0`).join('');
  return base64url(new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text))));
}

const base64url = (b: Uint8Array) => btoa(String.fromCharCode(...b)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

async function request<T>(http: typeof fetch, base: string, method: string, path: string, body?: unknown, token?: string,
  signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (token) headers['Authorization'] = `Bearer ${token}`;
  let res: Response;
  try {
    res = await http(base + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal });
  } catch (e) {
    if (signal?.aborted) throw e;
    throw new ApiError(0, 'unreachable', 'The server cannot be reached.');
  }
  if (!res.ok) throw await problem(res);
  return res.status === 204 ? undefined as T : await res.json() as T;
}

async function problem(res: Response): Promise<ApiError> {
  const p = await res.json().catch(() => ({})) as { code?: string; title?: string; detail?: string; ticket?: string; until?: string; reason?: string };
  const text = p.detail || p.title || `The server answered ${res.status}.`;
  const ban = p.until ? { until: new Date(p.until), reason: p.reason ?? '' } : undefined;
  return new ApiError(res.status, p.code ?? `http_${res.status}`, text, Number(res.headers.get('Retry-After')) || 0, p.ticket, ban);
}

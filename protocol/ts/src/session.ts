// The REST side: login, modes, tickets.

export interface Player { id: string; name: string }
export interface Mode { name: string; title: string; seats: number; hz: number; min_players: number }

export interface Ticket {
  id: string;
  mode: string;
  state: 'waiting' | 'forming' | 'placed' | 'cancelled' | 'failed';
  /** Where it is cancelled or failed: by_player, idle, draining, no_host. */
  reason?: string;
  /** Once it is placed. */
  assignment?: { url: string; match: string; pass: string };
}

/** What the server answered where it did not do what was asked. */
export class ApiError extends Error {
  override name = 'ApiError';

  /**
   * @param status of HTTP, 0 where the server was not reached
   * @param code stable, for programs: such as unknown_mode, or unreachable
   * @param retryAfter seconds to wait, 0 where nothing was said
   * @param ticket with ticket_exists, the id of the one there is
   */
  constructor(readonly status: number, readonly code: string, text: string, readonly retryAfter = 0, readonly ticket = '') {
    super(text);
  }
}

/** What there is to keep of a session, say in sessionStorage: who holds it is the player. */
export interface SavedSession { player: Player; access: string; refresh: string; refreshAt: number }

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

  private constructor(readonly base: string, private readonly http: typeof fetch, saved: SavedSession) {
    this.player = saved.player;
    this.access = saved.access;
    this.refreshToken = saved.refresh;
    this.refreshAt = saved.refreshAt;
  }

  /** Logs in without an account. base is the server's address, such as https://play.example.com. */
  static async guest(base: string, name: string, http: typeof fetch = fetch.bind(globalThis)): Promise<Session> {
    base = base.replace(/\/$/, '');
    return new Session(base, http, savedOf(await loginGuest(http, base, name)));
  }

  /** The same player as before, from what saved() gave. Nothing is asked yet; tokens that ran out are renewed when used. */
  static restore(base: string, saved: SavedSession, http: typeof fetch = fetch.bind(globalThis)): Session {
    return new Session(base.replace(/\/$/, ''), http, saved);
  }

  /** What restore takes; the newest is the one to keep. */
  saved(): SavedSession {
    return { player: this.player, access: this.access, refresh: this.refreshToken, refreshAt: this.refreshAt };
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

  createTicket = (mode: string) => this.call<Ticket>('POST', '/v1/tickets', { mode });
  ticket = (id: string) => this.call<Ticket>('GET', `/v1/tickets/${encodeURIComponent(id)}`);
  cancelTicket = (id: string) => this.call<void>('DELETE', `/v1/tickets/${encodeURIComponent(id)}`);

  /** Asks for anything else that a player may, such as PUT /v1/friends/{id}. */
  ask = <T = void>(method: string, path: string, body?: unknown) => this.call<T>(method, path, body);

  /** The ticket once its state is another than when asked, or as it is after the wait. */
  awaitTicket(id: string, signal?: AbortSignal, seconds = 25): Promise<Ticket> {
    return this.call('GET', `/v1/tickets/${encodeURIComponent(id)}?wait=${seconds}s`, undefined, signal);
  }

  /**
   * Gets new tokens. Where the server has forgotten us, as one does that was
   * started anew without a secret of its own, it is a new guest of the name.
   */
  renew(): Promise<void> {
    this.renewing ??= this.renewOnce().finally(() => { this.renewing = undefined; });
    return this.renewing;
  }

  private async renewOnce(): Promise<void> {
    try {
      this.take(await request<Tokens>(this.http, this.base, 'POST', '/v1/login/refresh', { refresh: this.refreshToken }));
    } catch (e) {
      if (!(e instanceof ApiError) || (e.status !== 401 && e.status !== 403)) throw e;
      this.take(await loginGuest(this.http, this.base, this.player.name));
    }
  }

  private take(t: Tokens): void {
    const { player, access, refresh, refreshAt } = savedOf(t);
    this.player = player;
    this.access = access;
    this.refreshToken = refresh;
    this.refreshAt = refreshAt;
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

const savedOf = (t: Tokens): SavedSession =>
  ({ player: t.player, access: t.access, refresh: t.refresh, refreshAt: Date.now() + t.expires_in * 800 }); // four fifths of its time

const loginGuest = (http: typeof fetch, base: string, name: string) =>
  request<Tokens>(http, base, 'POST', '/v1/login/guest', { name });

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
  const p = await res.json().catch(() => ({})) as { code?: string; title?: string; detail?: string; ticket?: string };
  const text = p.detail || p.title || `The server answered ${res.status}.`;
  return new ApiError(res.status, p.code ?? `http_${res.status}`, text, Number(res.headers.get('Retry-After')) || 0, p.ticket);
}

// What a tab keeps over a reload: who one is, and where one plays. It lies in
// sessionStorage, so that another tab is another player.

import type { SavedSession } from '@muster/client';

export interface Kept {
  session: SavedSession;
  mode: string;
  /** The seat that is held, if there is one. */
  place?: { match: string; url: string };
}

const KEY = 'muster.kept';
/** Of a player's mail, the newest notice that was shown, wherever in this browser. */
const SEEN = 'muster.seen.';

/** Undefined where nothing was kept, or what was is not ours. */
export function recall(): Kept | undefined {
  try {
    const k = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Kept | null;
    return typeof k?.session?.refresh === 'string' && typeof k.session.player?.name === 'string' ? k : undefined;
  } catch {
    return undefined;
  }
}

/** A browser that keeps nothing is fine: the page works all the same. */
export function keep(kept: Kept | undefined): void {
  try {
    if (kept) sessionStorage.setItem(KEY, JSON.stringify(kept));
    else sessionStorage.removeItem(KEY);
  } catch { /* see above */ }
}

/** What was set down under a name, "" if nothing was. */
export function read(name: string): string {
  try {
    return localStorage.getItem(name) ?? '';
  } catch {
    return '';
  }
}

export function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch { /* as above */ }
}

export const noted = (player: string) => Number(read(SEEN + player)) || 0;
export const note = (player: string, notice: number) => write(SEEN + player, String(notice));

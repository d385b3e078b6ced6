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

/** Undefined where nothing was kept, or what was is not ours. */
export function recall(): Kept | undefined {
  try {
    const k = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Kept | null;
    return typeof k?.session?.refresh === 'string' && typeof k.session.player?.name === 'string' ? k : undefined;
  } catch {
    return undefined;
  }
}

export function keep(kept: Kept): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch { /* a browser that keeps nothing: the page works all the same */ }
}

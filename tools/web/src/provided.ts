// A login at a provider of OpenID Connect: this page goes there, and is sent
// back with what ends it. The secret stays in this tab.

import { beginLogin, type Flow, listProviders, type Returned, type Session } from '@muster/client';
import { reach } from './version.ts';

const KEY = 'muster.provider';

/** The names of those who send players back to this page. */
export async function providers(): Promise<string[]> {
  const here = `${location.origin}/`;
  return (await listProviders(location.origin, reach)).filter((p) => p.redirect === here || p.redirect === location.origin).map((p) => p.name);
}

/** Goes to a provider, and leaves this page. @param player who gets an identity there, if anybody: a guest becomes an account by it */
export async function goTo(provider: string, player?: Session): Promise<void> {
  const flow: Flow = await (player ? player.link(provider) : beginLogin(location.origin, provider, reach));
  sessionStorage.setItem(KEY, flow.secret);
  location.assign(flow.url);
}

/** What a provider has sent the player back with, once; undefined where none has, or not on our behalf. */
export function returned(): Returned | 'refused' | undefined {
  const query = new URLSearchParams(location.search), state = query.get('state'), secret = sessionStorage.getItem(KEY);
  if (state === null) return undefined;
  history.replaceState(null, '', location.pathname + location.hash);
  sessionStorage.removeItem(KEY);
  if (secret === null) return undefined;
  const code = query.get('code');
  return code === null ? 'refused' : { secret, state, code };
}

// Tabs of one page that hold the same session, as a tab and its duplicate do:
// a refresh token is good once, so they renew one at a time, and share what
// comes of it.

export interface Tabs {
  /** Runs f while no other tab runs one of the same name. */
  alone<T>(name: string, f: () => Promise<T>): Promise<T>;
  /** Tells all other tabs. */
  tell(message: unknown): void;
  /** Hears what they tell. */
  hear(f: (message: unknown) => void): void;
}

/** How long another tab has to say that it knows of a newer session, in ms. */
export const TAB_ANSWERS = 100;

/** The tabs of this page's origin, or undefined outside of a browser. */
export const tabs: Tabs | undefined = typeof document === 'undefined' || typeof BroadcastChannel === 'undefined' ? undefined : browserTabs();

function browserTabs(): Tabs {
  const channel = new BroadcastChannel('muster.session');
  return {
    // Without locks, in pages that are not served under https, two tabs that
    // renew within seconds of each other get the same answer from the server.
    alone: (name, f) => navigator.locks ? navigator.locks.request(`muster.${name}`, f) as ReturnType<typeof f> : f(),
    tell: (message) => channel.postMessage(message),
    hear: (f) => channel.addEventListener('message', (e) => f(e.data)),
  };
}

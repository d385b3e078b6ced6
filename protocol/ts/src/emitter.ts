/** Events by name, each with one typed value. */
export class Emitter<Events extends object> {
  private readonly listeners = new Map<keyof Events, Set<(value: never) => void>>();

  /** Calls the listener from now on; the function that is returned ends that. */
  on<K extends keyof Events>(event: K, listener: (value: Events[K]) => void): () => void {
    let set = this.listeners.get(event);
    if (!set) this.listeners.set(event, set = new Set());
    set.add(listener as (value: never) => void);
    return () => { set.delete(listener as (value: never) => void); };
  }

  /** Resolves with the next one. */
  once<K extends keyof Events>(event: K): Promise<Events[K]> {
    return new Promise((resolve) => {
      const off = this.on(event, (value) => { off(); resolve(value); });
    });
  }

  /** For the owner. */
  emit<K extends keyof Events>(event: K, value: Events[K]): void {
    for (const listener of [...this.listeners.get(event) ?? []]) (listener as (value: Events[K]) => void)(value);
  }
}

import type { App } from './app.ts';

/** A view of the page's state that cannot change it. */
export function debugView(app: App) {
  return Object.freeze({
    get screen() { return app.screen; },
    get player() { return app.client?.session.player.id ?? ''; },
    /** Undefined until the server has told of it. */
    get party() { return app.client?.company.party?.members.length; },
    get state() { return app.client?.state ?? 'closed'; },
    get tick() { return app.game.match?.mirror.now.tick ?? 0; },
    get match() { return app.game.match?.joined.match ?? ''; },
    get seat() { return app.game.match?.seat ?? -1; },
    get watching() { return app.game.watched; },
    get me() { return app.game.seen().me; },
    get others() { return app.game.seen().others; },
    get score() { return app.game.seen().score; },
    get pellets() { return app.game.seen().pellets; },
    get cells() { return app.game.seen().cells; },
    get stats() {
      const s = app.client?.stats;
      return s ? {
        rtt: s.rtt, gap: s.worstGap, bytesPerSecond: s.bytesPerSecond, framesPerSecond: s.framesPerSecond, age: s.age,
        slack: s.slack, desyncs: s.desyncs, reconnects: s.reconnects, frames: s.frames, inputs: s.inputs,
        correction: app.game.seen().correction,
      } : undefined;
    },
  });
}

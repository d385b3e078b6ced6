import type { App } from './app.ts';

/** A view of the page's state that cannot change it. */
export function debugView(app: App) {
  const world = () => app.game.world;
  return Object.freeze({
    get screen() { return app.screen; },
    get player() { return app.client?.session.player.id ?? ''; },
    /** Undefined until the server has told of it. */
    get party() { return app.client?.company.party?.members.length; },
    get state() { return app.client?.state ?? 'closed'; },
    get tick() { return world()?.match.mirror.now.tick ?? 0; },
    get match() { return world()?.match.joined.match ?? ''; },
    get seat() { return world()?.match.seat ?? -1; },
    /** Metres. */
    get me() {
      const me = world()?.scene.me;
      return me ? { x: me.x, y: me.y, hp: world()!.self.hp, ammo: world()!.self.ammo, dead: me.dead, frags: me.frags, deaths: me.deaths } : undefined;
    },
    get others() {
      return (world()?.scene.actors ?? []).filter((a) => a.here && !a.me)
        .map((a) => ({ seat: a.seat, name: a.name, x: a.x, y: a.y, hp: a.hp, dead: a.dead, ally: a.ally, color: a.color, arms: a.arms }));
    },
    /** Of one's own side and the other's; undefined where all are against all. */
    get score() { const s = world()?.scene.score; return s && { ...s }; },
    get stats() {
      const s = app.client?.stats;
      return s ? {
        rtt: s.rtt, gap: s.worstGap, bytesPerSecond: s.bytesPerSecond, framesPerSecond: s.framesPerSecond, age: s.age,
        slack: s.slack, desyncs: s.desyncs, reconnects: s.reconnects, frames: s.frames, inputs: s.inputs,
        correction: world()?.predictor.correction ?? 0,
      } : undefined;
    },
  });
}

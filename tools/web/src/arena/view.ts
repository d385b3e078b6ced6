// A match of the arena on the screen: the world, what is above it, and what the player says.

import { type Match, SeatStatus } from '@muster/client';
import { MatchView, type Steering } from '../matchview.ts';
import { AMMO, ME, pickupColor } from '../render/palette.ts';
import type { Screen } from '../render/screen.ts';
import type { Sound } from '../sound/sound.ts';
import type { Placed } from '../ui/result.ts';
import type { Followed } from '../watch/watch.ts';
import { direction } from './angle.ts';
import { Button, Weapon } from './columns.ts';
import { ArenaHud, fragsOf } from './hud.ts';
import { Minimap } from './minimap.ts';
import type { Say } from './predict.ts';
import { ArenaRenderer } from './renderer.ts';
import type { Actor } from './scene.ts';
import { Scoreboard } from './scoreboard.ts';
import { Squad } from './squad.ts';
import { type Happenings, World } from './world.ts';

const DASH_TRAIL_MS = 220;
/** The eye looks ahead to where one aims, by so much of the way and so many metres at most. */
const AHEAD = 0.14, AHEAD_MOST = 2.2;

const STEERING: Steering = {
  bindings: {
    keys: { Space: Button.dash, ShiftLeft: Button.dash, ShiftRight: Button.dash, KeyE: Button.rail, KeyF: Button.fire, KeyQ: Button.mark },
    mouse: [Button.fire, Button.rail, Button.mark],
  },
  pads: [{ name: 'Dash', bit: Button.dash }, { name: 'Rail', bit: Button.rail }, { name: 'Mark', bit: Button.mark }],
  fire: Button.fire,
};

export class ArenaView extends MatchView<Say, World> implements Happenings {
  readonly renderer: ArenaRenderer;
  protected readonly hud = new ArenaHud();
  private readonly board = new Scoreboard();
  private readonly minimap = new Minimap();
  private readonly squad = new Squad();
  private dashes = new Map<number, number>();
  private ghostAt = 0;
  private saidEmpty = 0;

  /** @param leave asks whether to leave the match */
  constructor(screen: Screen, sound: Sound, leave: () => void) {
    super(screen, sound, leave, STEERING);
    this.renderer = new ArenaRenderer(screen);
    this.hud.root.append(this.minimap.root, this.net.root, this.squad.root, this.board.root, this.watch.root);
  }

  protected enter(match: Match): World | undefined {
    const world = World.of(match, this);
    if (world?.scene.me) world.scene.me.x = this.renderer.camera.x;
    return world;
  }

  protected say(): Say {
    const me = this.world?.scene.me, camera = this.renderer.camera, c = this.controls;
    const aim = c.aim(me ? camera.screenX(me.x) : camera.width / 2, me ? camera.screenY(me.y) : camera.height / 2);
    return { move: sixteenth(c.push), aim: direction(aim), buttons: c.buttons };
  }

  protected sample(values: Int32Array, seq: number, say: Say): void {
    values[0] = say.move;
    values[1] = say.aim;
    values[2] = say.buttons & this.taken!.joined.schema.inputs[2].max; // not all modes have all buttons
    this.world?.input(seq, say, performance.now());
    if (say.buttons & Button.fire && this.world?.self.ammo === 0) this.empty();
  }

  protected show(world: World, now: number, seconds: number): void {
    const me = world.scene.me!;
    const camera = this.renderer.camera, c = this.controls;
    const ahead = (to: number, half: number) => Math.max(-AHEAD_MOST, Math.min(AHEAD_MOST, (to - half) / camera.scale * AHEAD * 2));
    camera.follow(me.x, me.y, ahead(c.pointerX, camera.width / 2), ahead(c.pointerY, camera.height / 2), seconds);
    this.hud.aimAt(c.pointerX, c.pointerY);
    this.hud.update(world.scene, world.self, world.ready, world.left, seconds);
    this.squad.update(world.scene.actors);
    this.picture(world, now, seconds);
    if (this.touch.used) this.touch.ready(world.ready.dash, world.ready.rail, ...world.scene.score ? [1] : []); // there is a team to mark for
  }

  protected showWatched(world: World, now: number, seconds: number): void {
    const free = this.watch.look(now, seconds), { scene } = world, { camera } = this.renderer;
    scene.eye = scene.actors[this.watch.seat];
    const at = free ?? scene.eye ?? { x: scene.map.width / 2, y: scene.map.height / 2 };
    camera.follow(at.x, at.y, 0, 0, seconds);
    this.hud.updateWatched(scene, world.left);
    this.squad.update([]);
    this.picture(world, now, seconds);
  }

  private picture(world: World, now: number, seconds: number): void {
    this.trails(now);
    this.renderer.draw(world.scene, seconds);
    this.board.update(this.scoresHeld, world.scene.actors, world.match.roster, now, world.scene.score);
    this.minimap.update(world.scene, now);
  }

  protected people({ scene }: World): Followed[] {
    return scene.actors.filter((a) => a.here).map((a) => ({ seat: a.seat, name: a.name, color: a.color, detail: fragsOf(a) }));
  }

  /** The first of the people, or of the bots where there are none. */
  protected best({ scene, match }: World): number {
    const here = scene.actors.filter((a) => a.here), people = here.filter((a) => match.roster.get(a.seat)?.status === SeatStatus.player);
    return (people.length > 0 ? people : here).reduce<Actor | undefined>((best, a) => best && best.frags >= a.frags ? best : a, undefined)?.seat ?? -1;
  }

  protected at({ scene }: World, x: number, y: number): number {
    return scene.actors.find((a) => a.here && !a.dead && Math.hypot(a.x - x, a.y - y) < 1)?.seat ?? -1;
  }

  protected placed(world: World, seat: number): Partial<Placed> {
    const { name, color, ally } = world.scene.actors[seat];
    return { name, color, ally };
  }

  seen() {
    const world = this.world, me = world?.scene.me, self = world?.self;
    return {
      /** Metres. Undefined until it was drawn. */
      me: me?.here && self ? { x: me.x, y: me.y, hp: self.hp, ammo: self.ammo, dead: me.dead, frags: me.frags, deaths: me.deaths } : undefined,
      others: (world?.scene.actors ?? []).filter((a) => a.here && !a.me)
        .map((a) => ({ seat: a.seat, name: a.name, x: a.x, y: a.y, hp: a.hp, dead: a.dead, ally: a.ally, color: a.color, arms: a.arms })),
      score: world?.scene.score && { ...world.scene.score },
      correction: world?.predictor.correction ?? 0,
    };
  }

  private trails(now: number): void {
    if (now - this.ghostAt < 22) return;
    this.ghostAt = now;
    for (const [seat, at] of this.dashes) {
      const a = this.world!.scene.actors[seat];
      if (now - at > DASH_TRAIL_MS || a.dead) this.dashes.delete(seat);
      else this.renderer.effects.ghost(a.x, a.y, a.color);
    }
  }

  private empty(): void {
    if (performance.now() - this.saidEmpty < 400) return;
    this.saidEmpty = performance.now();
    this.sound.play('empty');
  }

  // What happens, seen and heard.

  fire(by: Actor, aim: number): void {
    const x = by.x + Math.cos(aim) * 0.62, y = by.y + Math.sin(aim) * 0.62;
    this.renderer.look(by.seat).recoil = 1;
    this.renderer.effects.flash(x, y, aim, by.color);
    this.minimap.fired(by.seat);
    this.play('fire', x, y);
    if (by.me) this.renderer.camera.shake(0.025);
  }

  wall(x: number, y: number, aim: number, color: string): void {
    this.renderer.effects.burst(x, y, aim + Math.PI, 1.1, 7, 4.5, color);
    this.play('spark', x, y);
  }

  beam(by: Actor, x0: number, y0: number, x1: number, y1: number): void {
    const aim = Math.atan2(y1 - y0, x1 - x0), effects = this.renderer.effects;
    const x = x0 + Math.cos(aim) * 0.62, y = y0 + Math.sin(aim) * 0.62;
    effects.beam(x, y, x1, y1, by.color);
    effects.flash(x, y, aim, by.color);
    effects.burst(x1, y1, aim + Math.PI, 1.2, 16, 6, by.color);
    effects.ring(x1, y1, 0.05, 0.6, by.color, 0.25, 0.08);
    this.renderer.look(by.seat).recoil = 1.6;
    this.minimap.fired(by.seat);
    this.play('rail', x0, y0);
    if (by.me) this.renderer.camera.shake(0.12);
  }

  hit(by: Actor, on: Actor, damage: number): void {
    const aim = Math.atan2(on.y - by.y, on.x - by.x);
    this.renderer.look(on.seat).hurt = 0.14;
    this.renderer.effects.burst(on.x, on.y, aim, 0.9, 9, 6, on.color);
    this.renderer.effects.burst(on.x, on.y, aim + Math.PI, 0.7, 4, 4, '#ffffff');
    if (by.me && !on.me) {
      this.hud.hitMark();
      this.renderer.effects.word(on.x, on.y, String(damage), damage > 30 ? AMMO : '#ffffff', damage > 30 ? 19 : 15);
      this.sound.play('hit');
    }
    if (on.me) {
      this.hud.hurt(damage);
      this.renderer.camera.shake(0.05 + damage / 400);
      this.sound.play('hurt');
    }
  }

  kill(by: Actor, on: Actor, weapon: number): void {
    this.renderer.effects.death(on.x, on.y, on.color);
    this.hud.kill(by, on, weapon === Weapon.rail ? 'rail' : 'blaster');
    this.play(on.me ? 'death' : 'boom', on.x, on.y);
    if (on.me) this.renderer.camera.shake(0.3);
    if (by.me && !on.me) {
      this.renderer.effects.word(on.x, on.y, '+1', ME, 30);
      this.renderer.camera.shake(0.1);
      this.sound.play('kill');
    }
  }

  pickup(by: Actor, kind: number, x: number, y: number): void {
    this.renderer.effects.ring(x, y, 0.3, 1.1, pickupColor(kind), 0.4);
    this.renderer.effects.burst(x, y, 0, Math.PI, 10, 3, pickupColor(kind));
    if (by.me) this.renderer.effects.word(x, y, kind === 1 ? '+35' : kind === 2 ? '+25 bolts' : 'Mega +75', pickupColor(kind), 17);
    this.play('pickup', x, y);
  }

  dash(by: Actor): void {
    this.dashes.set(by.seat, performance.now());
    this.play('dash', by.x, by.y);
  }

  spawn(who: Actor): void {
    if (!who.here) return;
    this.renderer.effects.ring(who.x, who.y, 1.3, 0.3, who.color, 0.45, 0.14);
    this.play('spawn', who.x, who.y);
    if (who.me) this.renderer.effects.burst(who.x, who.y, 0, Math.PI, 16, 4, who.color);
  }
}

/** 0, or 1 + the nearest of sixteen directions. */
function sixteenth({ x, y }: { x: number; y: number }): number {
  if (Math.hypot(x, y) < 0.3) return 0;
  return 1 + (Math.round(Math.atan2(y, x) * 8 / Math.PI) & 15);
}

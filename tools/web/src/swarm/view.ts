// A match of the swarm on the screen: the world, what is above it, and what the player says.

import { type Match, SeatStatus } from '@muster/client';
import { direction } from '../arena/angle.ts';
import { MatchView, type Steering } from '../matchview.ts';
import { ME } from '../render/palette.ts';
import type { Screen } from '../render/screen.ts';
import type { Sound } from '../sound/sound.ts';
import type { Placed } from '../ui/result.ts';
import type { Followed } from '../watch/watch.ts';
import { Button } from './columns.ts';
import { SwarmHud } from './hud.ts';
import { SwarmMap } from './minimap.ts';
import { FULL_THROTTLE } from './pace.ts';
import { SwarmRenderer } from './renderer.ts';
import type { Say } from './swim.ts';
import { type Blob, type Happenings, type Who, World } from './world.ts';

const STEERING: Steering = {
  bindings: {
    keys: { Space: Button.split, ShiftLeft: Button.boost, ShiftRight: Button.boost },
    mouse: [Button.boost, Button.split, 0],
  },
  pads: [{ name: 'Split', bit: Button.split }, { name: 'Boost', bit: Button.boost }],
  fire: 0,
};
/** The pointer this near to the middle, in CSS pixels, stands still, and beyond that goes at full speed. */
const STILL = 14, FULL = 90;
/** Metres in the square that are seen by the smallest, and by the largest. */
const NEAR = 12, FAR = 15;
/** What is farther apart may be seen to come and go. */
const WIDEST = 20;
/** How fast the eye draws back: to a third of the way in so many seconds. */
const ZOOM = 0.7;

export class SwarmView extends MatchView<Say, World> {
  protected readonly hud = new SwarmHud();
  protected readonly renderer: SwarmRenderer;
  private readonly map = new SwarmMap();
  private span = NEAR;
  private heardAt = 0;

  /** @param leave asks whether to leave the match */
  constructor(screen: Screen, sound: Sound, leave: () => void) {
    super(screen, sound, leave, STEERING);
    this.renderer = new SwarmRenderer(screen);
    this.hud.root.append(this.map.root, this.net.root, this.watch.root);
  }

  protected enter(match: Match): World | undefined {
    this.span = NEAR;
    return World.of(match, this.tell);
  }

  /** Keys or a thumb say where to go, or else the pointer does. */
  protected say(): Say {
    const c = this.controls, { camera } = this.renderer, eye = this.world?.eye, push = c.push;
    const pushed = Math.hypot(push.x, push.y);
    if (pushed > 0.15 || this.touch.used) return { aim: direction(Math.atan2(push.y, push.x)), throttle: throttle(pushed), buttons: c.buttons };
    const x = eye ? camera.screenX(eye.x) : camera.width / 2, y = eye ? camera.screenY(eye.y) : camera.height / 2;
    const away = Math.hypot(c.pointerX - x, c.pointerY - y);
    return { aim: direction(c.aim(x, y)), throttle: throttle((away - STILL) / (FULL - STILL)), buttons: c.buttons };
  }

  protected sample(values: Int32Array, seq: number, say: Say): void {
    values[0] = say.aim;
    values[1] = say.throttle;
    values[2] = say.buttons;
    this.world?.predictor.input(seq, say, performance.now());
  }

  protected show(world: World, now: number, seconds: number): void {
    this.look(world, seconds);
    this.trails(world);
    this.renderer.draw(world, seconds);
    this.hud.update(world, this.scoresHeld, now);
    this.map.update(world, this.renderer.camera, now);
    if (this.touch.used && !world.watched) this.touch.ready(world.self.split, world.self.boost);
  }

  protected showWatched(world: World, now: number, seconds: number): void {
    this.watch.look(now, seconds);
    world.seat = this.watch.seat;
    this.show(world, now, seconds);
  }

  protected people(world: World): Followed[] {
    const at = new Map(world.leaders.map((l) => [l.who.seat, l]));
    return [...world.match.roster.values()].filter((r) => r.status !== SeatStatus.empty).sort((a, b) => a.seat - b.seat).map(({ seat }) => {
      const { name, color } = world.who(seat), mass = seat === world.seat ? world.self.mass : at.get(seat)?.mass;
      return { seat, name, color, detail: mass ? String(mass) : '' };
    });
  }

  /** The largest of the people, as far as is known, or of all where there are none. */
  protected best({ leaders, match }: World): number {
    const people = [...match.roster.values()].filter((r) => r.status === SeatStatus.player).map((r) => r.seat);
    return (leaders.find((l) => people.includes(l.who.seat)) ?? (people.length > 0 ? undefined : leaders[0]))?.who.seat ?? people[0] ?? -1;
  }

  protected at(world: World, x: number, y: number): number {
    return world.blobs.filter((b) => Math.hypot(b.x - x, b.y - y) < b.r).at(-1)?.who.seat ?? -1; // the one on top
  }

  protected placed(world: World, seat: number): Partial<Placed> {
    const { name, color } = world.who(seat);
    return { name, color, unit: 'mass' };
  }

  /** The larger one is, the more one sees. */
  private look(world: World, seconds: number): void {
    const { camera } = this.renderer;
    const want = world.self.dead ? this.span : Math.min(FAR, NEAR + (world.self.r - 0.47) * 1.5);
    this.span += (want - this.span) * (1 - Math.exp(-seconds / ZOOM));
    camera.span(this.span, WIDEST, WIDEST);
    camera.follow(world.eye.x, world.eye.y, 0, 0, seconds);
  }

  /** Who boosts leaves sparks. */
  private trails(world: World): void {
    for (const b of world.blobs) {
      const speed = Math.hypot(b.vx, b.vy);
      if (speed < 6 || Math.random() < 0.5 || !this.renderer.camera.sees(b.x, b.y, b.r)) continue;
      const back = Math.atan2(-b.vy, -b.vx) + (Math.random() - 0.5) * 1.2;
      this.renderer.effects.spark(b.x + Math.cos(back) * b.r, b.y + Math.sin(back) * b.r, back, 1.5, b.who.color, 0.4, 0.07);
    }
  }

  seen() {
    const world = this.world;
    return {
      me: world && { ...world.eye, mass: world.self.mass, parts: world.self.parts, dead: world.self.dead, rank: world.self.rank },
      others: (world?.blobs ?? []).filter((b) => !b.who.me).map((b) => ({ seat: b.who.seat, name: b.who.name, x: b.x, y: b.y, r: b.r, mass: b.mass })),
      pellets: world?.pellets.length ?? 0,
      cells: world?.match.mirror.cells?.held ?? [],
      correction: world?.predictor.correction ?? 0,
    };
  }

  private readonly tell: Happenings = {
    grazed: (by: Blob, x: number, y: number, slot: number) => {
      this.renderer.grazed(by, x, y, slot);
      if (!by.who.me || performance.now() - this.heardAt < 60) return;
      this.heardAt = performance.now();
      this.sound.play('graze');
    },
    swallowed: (by: Blob, what: Blob) => {
      this.renderer.swallowed(by, what);
      if (by.who === what.who) return;
      this.play(by.who.me ? 'kill' : 'boom', what.x, what.y);
      if (!by.who.me) return;
      this.renderer.effects.word(what.x, what.y, `+${what.mass}`, ME, 24);
      this.hud.ate(what.who);
    },
    parted: () => this.sound.play('dash'),
    born: (x: number, y: number) => {
      this.renderer.effects.ring(x, y, 1.6, 0.5, ME, 0.6, 0.1);
      this.sound.play('spawn');
    },
    died: (by?: Who) => {
      const { eye } = this.world!;
      this.renderer.effects.ring(eye.x, eye.y, 0.4, 2.4, ME, 0.7, 0.14);
      this.renderer.camera.shake(0.3);
      this.hud.died(by);
      this.sound.play('death');
    },
    fell: (by: Who, who: Who) => this.hud.fell(by, who),
  };
}

/** Of so much of a push, 1 being full. */
const throttle = (part: number) => Math.max(0, Math.min(FULL_THROTTLE, Math.round(part * FULL_THROTTLE)));

// A match of the swarm on the screen: the world, what is above it, and what the player says.

import { type Match, type Over } from '@muster/client';
import { direction } from '../arena/angle.ts';
import { NetGraph } from '../hud/netgraph.ts';
import { type Bindings, Controls } from '../input/controls.ts';
import { Touch } from '../input/touch.ts';
import { ME } from '../render/palette.ts';
import type { Screen } from '../render/screen.ts';
import type { Sound, SoundName } from '../sound/sound.ts';
import type { Placed } from '../ui/result.ts';
import type { View } from '../view.ts';
import { Button } from './columns.ts';
import { SwarmHud } from './hud.ts';
import { SwarmMap } from './minimap.ts';
import { FULL_THROTTLE } from './pace.ts';
import { SwarmRenderer } from './renderer.ts';
import type { Say } from './swim.ts';
import { type Blob, type Happenings, type Who, World } from './world.ts';

const BOUND: Bindings = {
  keys: { Space: Button.split, ShiftLeft: Button.boost, ShiftRight: Button.boost },
  mouse: [Button.boost, Button.split, 0],
};
/** The pointer this near to the middle, in CSS pixels, stands still, and beyond that goes at full speed. */
const STILL = 14, FULL = 90;
/** Metres in the square that are seen by the smallest, and by the largest. */
const NEAR = 12, FAR = 15;
/** What is farther apart may be seen to come and go. */
const WIDEST = 20;
/** How fast the eye draws back: to a third of the way in so many seconds. */
const ZOOM = 0.7;

export class Swarm implements View {
  readonly net = new NetGraph();
  readonly controls: Controls;
  readonly touch: Touch;
  scoresHeld = false;

  private readonly hud = new SwarmHud();
  private readonly map = new SwarmMap();
  private readonly renderer: SwarmRenderer;
  private world?: World;
  private taken?: Match;
  private span = NEAR;
  private heardAt = 0;

  /** @param leave asks whether to leave the match */
  constructor(screen: Screen, private readonly sound: Sound, leave: () => void) {
    this.renderer = new SwarmRenderer(screen);
    this.controls = new Controls(screen.canvas, BOUND);
    this.touch = new Touch(screen.canvas, this.controls, leave, (held) => { this.scoresHeld = held; },
      [{ name: 'Split', bit: Button.split }, { name: 'Boost', bit: Button.boost }]);
    this.hud.root.append(this.map.root, this.net.root);
  }

  get root(): HTMLElement {
    return this.hud.root;
  }

  get match(): Match | undefined {
    return this.world?.match;
  }

  joined(match: Match): void {
    this.taken = match;
    this.world = undefined;
    this.span = NEAR;
    this.hud.reset();
    match.sample = (values, seq) => {
      const say = this.say();
      this.controls.taken();
      values[0] = say.aim;
      values[1] = say.throttle;
      values[2] = say.buttons;
      this.world?.predictor.input(seq, say, performance.now());
    };
  }

  frame(match: Match): boolean {
    if (match !== this.taken) return true;
    this.world ??= World.of(match, this.tell);
    this.world?.frame(performance.now(), this.say());
    return this.world !== undefined;
  }

  rosterChanged(): void {
    this.world?.named();
  }

  /** Keys or a thumb say where to go, or else the pointer does. */
  private say(): Say {
    const c = this.controls, { camera } = this.renderer, eye = this.world?.eye, push = c.push;
    const pushed = Math.hypot(push.x, push.y);
    if (pushed > 0.15 || this.touch.used) return { aim: direction(Math.atan2(push.y, push.x)), throttle: throttle(pushed), buttons: c.buttons };
    const x = eye ? camera.screenX(eye.x) : camera.width / 2, y = eye ? camera.screenY(eye.y) : camera.height / 2;
    const away = Math.hypot(c.pointerX - x, c.pointerY - y);
    return { aim: direction(c.aim(x, y)), throttle: throttle((away - STILL) / (FULL - STILL)), buttons: c.buttons };
  }

  draw(now: number, seconds: number): void {
    const world = this.world;
    if (!world) return;
    world.update(now, seconds, this.say());
    this.look(world, seconds);
    this.trails(world);
    this.renderer.draw(world, seconds);
    this.hud.update(world, this.scoresHeld, now);
    this.map.update(world, this.renderer.camera, now);
    this.net.update(world.match.stats, world.match, now, world.predictor.correction);
    if (this.touch.used) this.touch.ready(world.self.split, world.self.boost);
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

  over(over: Over): Placed[] {
    const { world, taken } = this;
    this.end();
    return over.result.map((p) => {
      const w = world?.who(p.seat);
      return {
        rank: p.rank, score: p.score, player: w?.player ?? '', name: w?.name ?? `Seat ${p.seat + 1}`, color: w?.color ?? '#ffffff',
        me: p.seat === taken?.seat, bot: w?.bot ?? false, unit: 'mass',
      };
    });
  }

  end(): void {
    this.taken = this.world = undefined;
    this.scoresHeld = false;
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

  private play(name: SoundName, x: number, y: number): void {
    this.sound.play(name, x - this.renderer.camera.x, y - this.renderer.camera.y);
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

import { type Match, type Over, SeatStatus } from '@muster/client';
import { NetGraph } from './hud/netgraph.ts';
import { type Bindings, Controls } from './input/controls.ts';
import { type Pad, Touch } from './input/touch.ts';
import type { Camera } from './render/camera.ts';
import type { Screen } from './render/screen.ts';
import type { Sound, SoundName } from './sound/sound.ts';
import type { Placed } from './ui/result.ts';
import { type Followed, Watch, type Watched } from './watch/watch.ts';
import type { Seen, View } from './view.ts';

/** A match as a view shows it. Say is what a player says in one input. */
export interface MatchWorld<Say> {
  readonly match: Match;
  readonly predictor: { readonly correction: number };
  /** Takes in a frame. */
  frame(now: number, say: Say): void;
  /** The roster has changed. */
  named(): void;
  /** Brings the world to what is to be drawn now. */
  update(now: number, seconds: number, say: Say): void;
}

/** What a kind of game is steered with. fire is the button that a second thumb holds by aiming, 0 where there is none. */
export interface Steering { bindings: Bindings; pads: Pad[]; fire: number }

/** What the views of all kinds of games share: the way of a match through them, the controls, and how the connection does. */
export abstract class MatchView<Say, World extends MatchWorld<Say>> implements View {
  readonly net = new NetGraph();
  readonly controls: Controls;
  readonly touch: Touch;
  scoresHeld = false;

  /** The match whose seat is ours; its world, once there was a frame. */
  protected taken?: Match;
  protected world?: World;

  /** Whom one follows who watches. */
  protected readonly watch: Watch;

  protected abstract readonly hud: { readonly root: HTMLElement; reset(): void };
  protected abstract readonly renderer: { readonly camera: Camera };

  /** @param leave asks whether to leave the match */
  constructor(screen: Screen, protected readonly sound: Sound, leave: () => void, steering: Steering) {
    this.controls = new Controls(screen.canvas, steering.bindings);
    this.touch = new Touch(screen.canvas, this.controls, leave, (held) => { this.scoresHeld = held; }, steering.pads, steering.fire);
    this.watch = new Watch(screen.canvas, () => this.renderer.camera, {
      people: () => this.world ? this.people(this.world) : [],
      best: () => this.world ? this.best(this.world) : -1,
      at: (x, y) => this.world ? this.at(this.world, x, y) : -1,
    }, leave);
  }

  /** Undefined if the match is of another kind of game. There was a frame. */
  protected abstract enter(match: Match): World | undefined;
  /** What the player says now. */
  protected abstract say(): Say;
  /** Puts what is said into the values of an input of the match. */
  protected abstract sample(values: Int32Array, seq: number, say: Say): void;
  protected abstract show(world: World, now: number, seconds: number): void;
  /** Shows it to who watches. */
  protected abstract showWatched(world: World, now: number, seconds: number): void;
  /** What is asked of a world that is watched, as in Cast. */
  protected abstract people(world: World): Followed[];
  protected abstract best(world: World): number;
  protected abstract at(world: World, x: number, y: number): number;
  /** What is known of who has a seat of the world, besides the roster. */
  protected abstract placed(world: World, seat: number): Partial<Placed>;
  abstract seen(): Seen;

  get root(): HTMLElement {
    return this.hud.root;
  }

  get match(): Match | undefined {
    return this.world?.match;
  }

  get watched(): Watched | undefined {
    return this.watch.watched;
  }

  joined(match: Match): void {
    this.taken = match;
    this.watch.begin(match);
    this.world = undefined;
    this.hud.reset();
    match.sample = (values, seq) => {
      const say = this.say();
      this.controls.taken();
      this.sample(values, seq, say);
    };
  }

  frame(match: Match): boolean {
    if (match !== this.taken) return true;
    this.world ??= this.enter(match);
    this.world?.frame(performance.now(), this.say());
    return this.world !== undefined;
  }

  rosterChanged(): void {
    this.world?.named();
  }

  draw(now: number, seconds: number): void {
    const { world } = this;
    if (!world) return;
    world.update(now, seconds, this.say());
    if (world.match.seat < 0) {
      this.showWatched(world, now, seconds);
      this.touch.ready(); // there is nothing to be pressed
    } else {
      this.show(world, now, seconds);
    }
    this.net.update(world.match.stats, world.match, now, world.predictor.correction);
  }

  over(over: Over): Placed[] {
    const { world, taken } = this;
    this.end();
    return over.result.map(({ rank, score, seat }) => {
      const who = taken?.roster.get(seat);
      return {
        rank, score, player: who?.player ?? '', name: `Seat ${seat + 1}`, color: '#ffffff', me: seat === taken?.seat,
        bot: who?.status === SeatStatus.bot, ...world && this.placed(world, seat),
      };
    });
  }

  end(): void {
    this.taken = this.world = undefined;
    this.scoresHeld = false;
    this.watch.end();
  }

  /** Plays a sound where it is, beside the eye. */
  protected play(name: SoundName, x: number, y: number): void {
    const { camera } = this.renderer;
    this.sound.play(name, x - camera.x, y - camera.y);
  }
}

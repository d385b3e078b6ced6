import { Camera } from '../render/camera.ts';
import { Effects } from '../render/effects.ts';
import type { Screen } from '../render/screen.ts';
import { Ground } from './ground.ts';
import type { ArenaMap } from './map.ts';
import { type Look, drawBolts, drawMark, drawPickup, drawPlate, drawPlayer } from './players.ts';
import type { Scene } from './scene.ts';

/** Draws scenes of the arena. */
export class ArenaRenderer {
  readonly camera = new Camera();
  readonly effects = new Effects();
  private readonly looks = new Map<number, Look>();
  private ground?: Ground;
  private time = 0;

  constructor(private readonly screen: Screen) {
    screen.fit(this.camera);
  }

  /** How a seat's player looks besides its state. */
  look(seat: number): Look {
    let look = this.looks.get(seat);
    if (!look) this.looks.set(seat, look = { recoil: 0, hurt: 0 });
    return look;
  }

  draw(scene: Scene, seconds: number): void {
    this.time += seconds;
    this.effects.update(seconds);
    for (const look of this.looks.values()) {
      look.recoil = Math.max(0, look.recoil - seconds * 8);
      look.hurt = Math.max(0, look.hurt - seconds);
    }
    const ctx = this.screen.clear();
    this.drawWorld(ctx, scene, this.groundOf(scene.map));
    this.screen.flat();
    for (const a of scene.actors) if (a.here && !a.dead && this.camera.sees(a.x, a.y, 1)) drawPlate(ctx, a, this.camera);
    this.effects.drawWords(ctx, this.camera);
  }

  private drawWorld(ctx: CanvasRenderingContext2D, scene: Scene, ground: Ground): void {
    const camera = this.camera;
    camera.apply(ctx, this.screen.ratio);
    ground.drawFloor(ctx, camera);
    for (const p of scene.pickups) if (camera.sees(p.x, p.y, 1)) drawPickup(ctx, p, this.time);
    this.effects.drawUnder(ctx);
    for (const a of scene.actors) {
      if (a.here && !a.dead && !a.me && camera.sees(a.x, a.y, 2)) drawPlayer(ctx, a, this.look(a.seat), this.time);
    }
    if (scene.me && scene.me.here && !scene.me.dead) drawPlayer(ctx, scene.me, this.look(scene.me.seat), this.time);
    drawBolts(ctx, scene.bolts, camera);
    ground.drawWalls(ctx, camera, this.screen.ratio);
    for (const m of scene.marks) drawMark(ctx, m, this.time);
    this.effects.drawOver(ctx, camera);
  }

  private groundOf(map: ArenaMap): Ground {
    if (this.ground?.map !== map) {
      this.ground = new Ground(map);
      this.camera.boundsX = map.width;
      this.camera.boundsY = map.height;
    }
    return this.ground;
  }
}

/** Metres beyond the rim that may be seen, so that the edges of the screen stay playable. */
const BEYOND = 3.5;

/** What part of the map is seen, in metres, and how large. */
export class Camera {
  x = 0;
  y = 0;
  /** CSS pixels of a metre. */
  scale = 40;
  width = 0;
  height = 0;
  /** The map's size in metres. */
  boundsX = Infinity;
  boundsY = Infinity;
  private square = 19;
  private wide = 32;
  private high = 26;
  private shakeLeft = 0;
  private shakeX = 0;
  private shakeY = 0;
  private placed = false;

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.span(this.square, this.wide, this.high);
  }

  /**
   * Everyone sees as much of the map, whatever the shape of the window: as many
   * metres in the square, and no more along one side.
   */
  span(square: number, wide: number, high: number): void {
    [this.square, this.wide, this.high] = [square, wide, high];
    this.scale = Math.max(Math.sqrt(this.width * this.height) / square, this.width / wide, this.height / high);
  }

  /** Goes after a point, some way ahead of it, softly. */
  follow(x: number, y: number, aheadX: number, aheadY: number, seconds: number): void {
    const toX = this.within(x + aheadX, this.width, this.boundsX), toY = this.within(y + aheadY, this.height, this.boundsY);
    const far = Math.hypot(toX - this.x, toY - this.y) > 8;
    const part = far || !this.placed ? 1 : 1 - Math.exp(-seconds * 9);
    this.placed = true;
    this.x += (toX - this.x) * part;
    this.y += (toY - this.y) * part;
    this.shakeLeft *= Math.exp(-seconds * 9);
    this.shakeX = (Math.random() - 0.5) * this.shakeLeft;
    this.shakeY = (Math.random() - 0.5) * this.shakeLeft;
  }

  /** Keeps the eye from looking far beyond the rim. */
  private within(v: number, pixels: number, bound: number): number {
    const least = pixels / this.scale / 2 - BEYOND;
    return bound < 2 * least ? bound / 2 : Math.max(least, Math.min(bound - least, v));
  }

  /** Shakes by so many metres at most. */
  shake(metres: number): void {
    this.shakeLeft = Math.min(0.35, this.shakeLeft + metres);
  }

  /** Sets the canvas up so that one draws in metres; lift raises what is drawn towards the eye. */
  apply(ctx: CanvasRenderingContext2D, ratio: number, lift = 1): void {
    const s = this.scale * ratio * lift;
    const cx = this.x + this.shakeX, cy = this.y + this.shakeY;
    ctx.setTransform(s, 0, 0, s, this.width * ratio / 2 - cx * s, this.height * ratio / 2 - cy * s);
  }

  screenX = (x: number) => (x - this.x - this.shakeX) * this.scale + this.width / 2;
  screenY = (y: number) => (y - this.y - this.shakeY) * this.scale + this.height / 2;
  worldX = (x: number) => (x - this.width / 2) / this.scale + this.x;
  worldY = (y: number) => (y - this.height / 2) / this.scale + this.y;

  /** Whether a circle can be seen. */
  sees(x: number, y: number, radius: number): boolean {
    return Math.abs(x - this.x) < this.width / this.scale / 2 + radius + 1
      && Math.abs(y - this.y) < this.height / this.scale / 2 + radius + 1;
  }
}

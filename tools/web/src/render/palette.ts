// The colours of the arena. Night blue, one light from the upper left, and
// players in bright hues; cyan is always oneself.

export const VOID = '#060910';
export const FLOOR = '#10182a';
export const GRID = 'rgba(120,160,255,0.055)';
export const GRID_STRONG = 'rgba(120,160,255,0.10)';

export const WALL_TOP = '#2f3f63';
export const WALL_OUTSIDE = '#141c30';
export const WALL_EDGE = 'rgba(136,172,255,0.55)';
/** Tints of the floor's quarters, so that one knows where one is. */
export const QUARTERS = ['#2f6bff', '#9b5cff', '#12b5a6', '#ff8a3d'];
/** Sides of walls by where they face: up, right, down, left. */
export const WALL_SIDES = ['#202c4a', '#141d33', '#0f1729', '#1b2643'];

export const ME = '#46d9ff';
export const HEALTH = '#4ade80';
export const AMMO = '#ffc14d';
export const MEGA = '#ff6ad5';
export const DANGER = '#ff4d5e';
export const TEXT = '#e8eefc';

// Told apart by neighbours and by hue; none of them is close to cyan.
const OTHERS = [
  '#ff6b57', '#ffb02e', '#b4e33d', '#c77dff', '#ff5fa8', '#ffe066', '#5b8cff', '#ff8f5c',
  '#7ee081', '#e05fff', '#ff7aa2', '#d8a657', '#9a86ff', '#f25f5c', '#a3d65c', '#ff9de2',
];

/** Friend and foe in teams: blue and orange, which nearly everybody can tell apart. Shapes say it too. */
export const ALLY = '#4f93ff';
export const FOE = '#ff8a2b';

/** @param ally undefined where all are against all */
export const colorOf = (seat: number, me: boolean, ally?: boolean) =>
  me ? ME : ally === undefined ? OTHERS[seat % OTHERS.length] : ally ? ALLY : FOE;

/** The kinds of pickups: 1 health, 2 ammo, 3 mega. */
export const pickupColor = (kind: number) => kind === 1 ? HEALTH : kind === 2 ? AMMO : MEGA;

/** A colour with so much alpha, for colours as above. */
export function fade(color: string, alpha: number): string {
  const n = parseInt(color.slice(1), 16);
  return `rgba(${n >> 16},${(n >> 8) & 255},${n & 255},${alpha})`;
}

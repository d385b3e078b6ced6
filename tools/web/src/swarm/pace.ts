// How large and how fast things are, in units and ticks of a match's rate:
// game/swarm/pace.go.

/** Units of a metre, which pictures are drawn in. */
export const METRE = 128;
/** Blobs that a player can be: those of seat s have the slots from s * PARTS on. */
export const PARTS = 4;
export const FULL_THROTTLE = 8;
export const SPIKE_RADIUS = 96;

const START_MASS = 225, BOOST_LEAST = 140;
/** A blob of so much mass can be split. */
export const SPLIT_LEAST = 2 * START_MASS;

/** The mass of a blob of some radius. */
export const massOf = (r: number) => Math.round(r * r / 16);

/** Whether a blob has mass enough to boost. */
export const canBoost = (r: number) => massOf(r) > BOOST_LEAST;

/** Units per tick that a blob of some radius goes. */
export function speedOf(r: number, hz: number): number {
  const start = Math.max(1, Math.trunc((600 + (hz >> 1)) / hz));
  return Math.max(1, Math.trunc(start * 320 / (260 + r)));
}

export const boosted = (speed: number) => Math.trunc(speed * 7 / 4);

// Directions in 256ths of a turn, exactly as game/arena/angle.go has them.

const QUARTER = Int32Array.of(
  0, 402, 804, 1205, 1606, 2006, 2404, 2801, 3196, 3590, 3981, 4370, 4756,
  5139, 5520, 5897, 6270, 6639, 7005, 7366, 7723, 8076, 8423, 8765, 9102, 9434,
  9760, 10080, 10394, 10702, 11003, 11297, 11585, 11866, 12140, 12406, 12665, 12916, 13160,
  13395, 13623, 13842, 14053, 14256, 14449, 14635, 14811, 14978, 15137, 15286, 15426, 15557,
  15679, 15791, 15893, 15986, 16069, 16143, 16207, 16261, 16305, 16340, 16364, 16379, 16384,
);

/** 16384 times the sine of a direction. Positive is down the map. */
export function sin(a: number): number {
  const q = a & 63;
  switch ((a >> 6) & 3) {
    case 0: return QUARTER[q];
    case 1: return QUARTER[64 - q];
    case 2: return 0 - QUARTER[q];
  }
  return 0 - QUARTER[64 - q];
}

export const cos = (a: number) => sin(a + 64);

/** Scales a sine by a length, to the nearest unit. */
export const along = (sine: number, length: number) => (Math.imul(sine, length) + 8192) >> 14;

/** Radians of a direction, to draw it. */
export const radians = (a: number) => (a & 255) * Math.PI / 128;

/** The direction nearest to an angle in radians. */
export const direction = (radians: number) => Math.round(radians * 128 / Math.PI) & 255;

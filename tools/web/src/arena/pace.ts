// How fast things go, in units and ticks of a match's rate: game/arena/pace.go.

export interface Pace {
  top: number; accel: number; friction: number; dash: number; dashWait: number;
  bolt: number; boltLife: number; fireWait: number; railWait: number; dead: number; shield: number;
}

export function paceAt(hz: number): Pace {
  return {
    top: perTick(1020, hz),
    accel: perTick(perTick(9000 * 16, hz), 16 * hz),
    friction: perTick(perTick(7200 * 16, hz), 16 * hz),
    dash: perTick(3000, hz),
    dashWait: ticks(2500, hz),
    bolt: perTick(3450, hz),
    boltLife: ticks(1200, hz),
    fireWait: ticks(233, hz),
    railWait: ticks(2000, hz),
    dead: ticks(1500, hz),
    shield: ticks(1500, hz),
  };
}

// Whole numbers, divided as Go does; none of these is negative.
const divide = (a: number, b: number) => Math.trunc(a / b);
const perTick = (perSecond: number, hz: number) => Math.max(1, divide(perSecond + (hz >> 1), hz));
const ticks = (ms: number, hz: number) => Math.max(1, divide(ms * hz + 500, 1000));

export const CELL = 128; // units; 1 m
export const PLAYER_RADIUS = 48;
export const RAIL_REACH = 64 * CELL;
export const FULL_HEALTH = 100;
export const MAX_HEALTH = 150;
export const START_AMMO = 40;
export const MAX_AMMO = 80;

import type { Writer } from './pack.ts';
import type { Field } from './schema.ts';

/** What a client says once a tick. */
export interface Input {
  /** Modulo 128, one up with each. */
  seq: number;
  /** Tick of the newest frame, modulo 128. */
  ack: number;
  /** How long ago that came in, in eighths of a tick, at most 127. */
  hold: number;
  /** How far behind that frame's tick the others are shown, in eighths. */
  lag: number;
  /** By field of the schema. */
  values: ArrayLike<number>;
}

export function writeInput(w: Writer, input: Input, fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  w.reset();
  w.array(4 + fields.length);
  w.uint(input.seq & 127);
  w.uint(input.ack & 127);
  w.uint(Math.min(127, input.hold));
  w.uint(Math.min(127, input.lag));
  fields.forEach((f, i) => w.int(Math.min(f.max, Math.max(f.min, input.values[i] | 0))));
  return w.done();
}

/** What a field is when the player says nothing: 0, or the bound next to it. */
export const neutral = (f: Field) => Math.min(f.max, Math.max(f.min, 0));

// The server's reading of what a client sends, as strict as the Go code: the
// tests hold the client's messages to it.

import { MalformedError, Reader } from '../src/pack.ts';
import type { Field } from '../src/schema.ts';
import type { Input } from '../src/input.ts';

export type ClientMessage =
  | { type: 'join'; match: string; pass: string; epoch: number; tick: number }
  | { type: 'leave' }
  | { type: 'ack'; tick: number; hold: number }
  | { type: 'ping'; stamp: number }
  | { type: 'mailack'; id: number }
  | { type: 'say'; channel: number; stamp: number; to: string; text: string }
  | { type: 'roomcreate'; stamp: number; title: string; mode: string; size: number; privacy: number; password: string; options: number[] }
  | { type: 'roomjoin'; stamp: number; code: string; password: string }
  | { type: 'roomdo'; stamp: number; verb: number; player: string; number: number; text: string; values: number[] }
  | { type: 'roomwatch'; stamp: number; on: boolean; mode: string; open: boolean; free: boolean; text: string }
  | { type: 'accept'; ticket: string; yes: boolean }
  | { type: 'follow'; seat: number };

export function parseClient(bytes: Uint8Array): ClientMessage {
  const text = new Text(bytes);
  const n = text.array(), type = text.int(-32, -1);
  const known = { '-1': 5, '-2': 1, '-3': 3, '-4': 2, '-5': 2, '-6': 5, '-7': 8, '-8': 4, '-9': 7, '-10': 7, '-13': 3, '-14': 2 }[String(type)];
  if (known === undefined) throw new MalformedError('no such type');
  if (n < known) throw new MalformedError('wrong number of elements');
  const m = read(type, text);
  text.skip(n - known);
  text.end();
  return m;
}

function read(type: number, r: Text): ClientMessage {
  if (type === -1) {
    return { type: 'join', match: r.text(64), pass: r.text(512), epoch: r.int(0, 0xffffffff), tick: r.int(0, 0xffffffff) };
  }
  if (type === -2) return { type: 'leave' };
  if (type === -3) return { type: 'ack', tick: r.int(0, 127), hold: r.int(0, 127) };
  if (type === -5) return { type: 'mailack', id: r.int(0, Number.MAX_SAFE_INTEGER) };
  if (type === -6) return { type: 'say', channel: r.int(0, 255), stamp: r.int(0, 0xffffffff), to: r.text(64), text: r.text(1024) };
  if (type === -7) {
    return {
      type: 'roomcreate', stamp: r.int(0, 0xffffffff), title: r.text(256), mode: r.text(64), size: r.int(0, 1024), privacy: r.int(0, 2),
      password: r.text(64), options: r.ints(16),
    };
  }
  if (type === -8) return { type: 'roomjoin', stamp: r.int(0, 0xffffffff), code: r.text(64), password: r.text(64) };
  if (type === -9) {
    return {
      type: 'roomdo', stamp: r.int(0, 0xffffffff), verb: r.int(0, 255), player: r.text(64), number: r.int(0, 1024), text: r.text(256),
      values: r.ints(16),
    };
  }
  if (type === -10) {
    return { type: 'roomwatch', stamp: r.int(0, 0xffffffff), on: r.bool(), mode: r.text(64), open: r.bool(), free: r.bool(), text: r.text(256) };
  }
  if (type === -13) return { type: 'accept', ticket: r.text(64), yes: r.bool() };
  if (type === -14) return { type: 'follow', seat: r.int(-1, 1023) };
  return { type: 'ping', stamp: r.int(0, 0xffffffff) };
}

class Text extends Reader {
  constructor(private readonly all: Uint8Array) {
    super();
    this.reset(all);
  }

  ints(most: number): number[] {
    const n = this.array();
    if (n > most) throw new MalformedError('wrong number of elements');
    return Array.from({ length: n }, () => this.int(-0x80000000, 0x7fffffff));
  }

  bool(): boolean {
    const tag = this.peek();
    if (tag !== 0xc2 && tag !== 0xc3) throw new MalformedError('wrong type');
    this.skip(1);
    return tag === 0xc3;
  }

  text(most: number): string {
    const from = this.all.length - this.left, tag = this.peek();
    if ((tag & 0xe0) !== 0xa0 && tag !== 0xd9 && tag !== 0xda) throw new MalformedError('wrong type');
    this.skip(1);
    const head = tag === 0xd9 ? 2 : tag === 0xda ? 3 : 1;
    const bytes = this.all.subarray(from + head, this.all.length - this.left);
    if (bytes.length > most) throw new MalformedError('text too long');
    return new TextDecoder().decode(bytes);
  }
}

export function parseInput(bytes: Uint8Array, fields: Field[]): Input {
  const r = new Reader();
  r.reset(bytes);
  const n = r.array(), known = 4 + fields.length;
  if (n < known) throw new MalformedError('wrong number of elements');
  const input = { seq: r.int(0, 127), ack: r.int(0, 127), hold: r.int(0, 127), lag: r.int(0, 127),
    values: fields.map((f) => r.int(f.min, f.max)) };
  r.skip(n - known);
  r.end();
  return input;
}

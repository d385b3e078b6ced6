// The few msgpack formats that hot messages use, written and read by hand:
// no allocation per value, and strict where a general library is lenient.
// Writers choose the shortest form; readers accept every form of an integer.

/** A message that is not what the protocol allows. */
export class MalformedError extends Error {
  override name = 'MalformedError';
}

/** Takes msgpack values off the front of a message; throws MalformedError. */
export class Reader {
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;

  /** The halves of the last mask read, as unsigned 32-bit numbers. */
  maskLow = 0;
  maskHigh = 0;

  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.at = 0;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  peek(): number {
    if (this.at >= this.bytes.length) throw new MalformedError('cut short');
    return this.bytes[this.at];
  }

  /** Reads an array's header. More elements than bytes are left is a lie. */
  array(): number {
    const tag = this.byte();
    let n: number;
    if ((tag & 0xf0) === 0x90) n = tag & 0x0f;
    else if (tag === 0xdc) n = this.unsigned(2);
    else if (tag === 0xdd) n = this.unsigned(4);
    else throw new MalformedError('wrong type');
    if (n > this.left) throw new MalformedError('cut short');
    return n;
  }

  /** Reads an integer in any of its forms that lies within [low, high]. */
  int(low: number, high: number): number {
    const v = this.anyInt();
    if (v < low || v > high) throw new MalformedError('number out of range');
    return v;
  }

  int32(): number {
    return this.int(-0x80000000, 0x7fffffff);
  }

  /** Reads what was written as zigzag: a signed 32-bit number. */
  zigzag(): number {
    const z = this.int(0, 0xffffffff);
    return (z >>> 1) ^ -(z & 1);
  }

  /** Reads an unsigned 64-bit integer into maskLow and maskHigh. */
  mask(): void {
    const tag = this.peek();
    if (tag === 0xcf || tag === 0xd3) {
      this.at++;
      this.maskHigh = this.unsigned(4);
      this.maskLow = this.unsigned(4);
      if (tag === 0xd3 && this.maskHigh >= 0x80000000) throw new MalformedError('number out of range');
      return;
    }
    this.maskLow = this.int(0, 0xffffffff);
    this.maskHigh = 0;
  }

  /** Reads a byte string of at most so many bytes: a view, not a copy. */
  bin(most: number): Uint8Array {
    const tag = this.byte();
    if (tag !== 0xc4 && tag !== 0xc5) throw new MalformedError('wrong type');
    const n = this.unsigned(tag === 0xc4 ? 1 : 2);
    if (n > most) throw new MalformedError('number out of range');
    return this.bytes.subarray(this.take(n), this.at);
  }

  /** Reads nil if it is next. */
  nil(): boolean {
    if (this.peek() !== 0xc0) return false;
    this.at++;
    return true;
  }

  /** Passes over n values of any type: tomorrow's extra elements. */
  skip(n: number): void {
    for (; n > 0; n--) {
      const tag = this.peek();
      if ((tag & 0xf0) === 0x90 || tag === 0xdc || tag === 0xdd) n += this.array();
      else if (tag === 0xc4 || tag === 0xc5) this.bin(0xffff);
      else if (tag === 0xc0 || tag === 0xc2 || tag === 0xc3) this.take(1);
      else if ((tag & 0xe0) === 0xa0) this.take(1 + (tag & 0x1f));
      else if (tag === 0xd9 || tag === 0xda) this.skipText(tag);
      else if (tag === 0xca) this.take(5);
      else if (tag === 0xcb) this.take(9);
      else this.anyInt();
    }
  }

  end(): void {
    if (this.left > 0) throw new MalformedError('bytes after the end');
  }

  private skipText(tag: number): void {
    this.take(1);
    this.take(this.unsigned(tag === 0xd9 ? 1 : 2));
  }

  private anyInt(): number {
    const tag = this.byte();
    if (tag < 0x80) return tag;
    if (tag >= 0xe0) return tag - 0x100;
    switch (tag) {
      case 0xcc: return this.unsigned(1);
      case 0xcd: return this.unsigned(2);
      case 0xce: return this.unsigned(4);
      case 0xd0: return (this.unsigned(1) << 24) >> 24;
      case 0xd1: return (this.unsigned(2) << 16) >> 16;
      case 0xd2: return this.unsigned(4) | 0;
      // Beyond 2^53 these lose precision, but also lie outside every range.
      case 0xcf: return this.unsigned(4) * 0x100000000 + this.unsigned(4);
      case 0xd3: return (this.unsigned(4) | 0) * 0x100000000 + this.unsigned(4);
    }
    throw new MalformedError('wrong type');
  }

  private unsigned(size: number): number {
    let v = 0;
    for (let i = this.take(size); i < this.at; i++) v = v * 256 + this.bytes[i];
    return v;
  }

  private byte(): number {
    return this.bytes[this.take(1)];
  }

  /** Moves on by n bytes and returns where they begin. */
  private take(n: number): number {
    const from = this.at;
    if (n > this.bytes.length - from) throw new MalformedError('cut short');
    this.at = from + n;
    return from;
  }
}

/** Writes msgpack values into a buffer that it uses again and again. */
export class Writer {
  private bytes: Uint8Array<ArrayBuffer>;
  private at = 0;

  constructor(size = 256) {
    this.bytes = new Uint8Array(size);
  }

  reset(): void {
    this.at = 0;
  }

  /** What was written since reset; good until the next reset. */
  done(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.at);
  }

  array(n: number): void {
    if (n < 16) this.put(0x90 | n, 0, 0);
    else if (n <= 0xffff) this.put(0xdc, n, 2);
    else this.put(0xdd, n, 4);
  }

  int(v: number): void {
    if (v >= 0) this.uint(v);
    else if (v >= -32) this.put(v & 0xff, 0, 0);
    else if (v >= -0x80) this.put(0xd0, v & 0xff, 1);
    else if (v >= -0x8000) this.put(0xd1, v & 0xffff, 2);
    else this.put(0xd2, v >>> 0, 4);
  }

  /** Writes an unsigned number of up to 32 bits. */
  uint(v: number): void {
    if (v < 0x80) this.put(v, 0, 0);
    else if (v <= 0xff) this.put(0xcc, v, 1);
    else if (v <= 0xffff) this.put(0xcd, v, 2);
    else this.put(0xce, v, 4);
  }

  private put(tag: number, v: number, size: number): void {
    if (this.at + 5 > this.bytes.length) this.grow();
    this.bytes[this.at++] = tag;
    for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) this.bytes[this.at++] = v >>> shift;
  }

  private grow(): void {
    const larger = new Uint8Array(2 * this.bytes.length);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/**
 * Reads the mask of some of so many slots, at most so many of them, into a list
 * from a place on, and returns where the list then ends. The mask of more than
 * 64 slots is a byte string.
 */
export function readSlots(r: Reader, size: number, most: number, to: Uint16Array, at: number): number {
  if (size > 64) return readBits(r, size, at + most, to, at);
  r.mask();
  const low = r.maskLow, high = r.maskHigh;
  if (bitLength(low, high) > size || popcount(low) + popcount(high) > most) throw new MalformedError('number out of range');
  for (let m = low; m !== 0; m &= m - 1) to[at++] = lowestBit(m);
  for (let m = high; m !== 0; m &= m - 1) to[at++] = 32 + lowestBit(m);
  return at;
}

function readBits(r: Reader, size: number, end: number, to: Uint16Array, at: number): number {
  const bits = r.bin((size + 7) >> 3);
  for (let i = 0; i < bits.length; i++) {
    for (let b = bits[i]; b !== 0; b &= b - 1) {
      const slot = (i << 3) + lowestBit(b);
      if (at === end || slot >= size) throw new MalformedError('number out of range');
      to[at++] = slot;
    }
  }
  return at;
}

/** Counts the bits of a 32-bit number. */
export function popcount(v: number): number {
  v -= (v >>> 1) & 0x55555555;
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The number of the lowest bit that is set; v must not be 0. */
export function lowestBit(v: number): number {
  return 31 - Math.clz32(v & -v);
}

/** How many bits a mask needs: 1 + the number of its highest bit, or 0. */
export function bitLength(low: number, high: number): number {
  return high !== 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(low);
}

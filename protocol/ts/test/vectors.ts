import { readFileSync, readdirSync } from 'node:fs';

const dir = process.env.TESTDATA!;

export const hex = (s: string) => Uint8Array.from(s.match(/../g) ?? [], (b) => parseInt(b, 16));
export const toHex = (b: Uint8Array) => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');

// The vectors are trusted input of the tests: their shape is in testdata/README.md.
export const vectors = (name: string): any => JSON.parse(readFileSync(dir + name, 'utf8'));
export const frameFiles = () => readdirSync(dir).filter((f) => /^(frames|cells)_/.test(f)).sort();

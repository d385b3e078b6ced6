// Bundles each test as the page is bundled and runs them under node's test runner.
import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { options } from '../build.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const out = fileURLToPath(new URL('../.tests/', import.meta.url));
rmSync(out, { recursive: true, force: true });
const tests = readdirSync(here).filter((f) => f.endsWith('.test.ts'));
await build({
  ...options, entryPoints: tests.map((f) => here + f), outdir: out, outExtension: { '.js': '.mjs' },
  platform: 'node', target: 'node20', sourcemap: 'inline',
});
const run = spawnSync(process.execPath,
  ['--enable-source-maps', '--test', ...tests.map((f) => out + f.replace(/\.ts$/, '.mjs'))],
  { stdio: 'inherit', env: { ...process.env, REPO: fileURLToPath(new URL('../../../', import.meta.url)) } });
process.exit(run.status ?? 1);

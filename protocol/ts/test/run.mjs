// Bundles each test with esbuild and runs them all under node's test runner.
import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const out = fileURLToPath(new URL('../.tests/', import.meta.url));
rmSync(out, { recursive: true, force: true });
const tests = readdirSync(here).filter((f) => f.endsWith('.test.ts'));
await build({
  entryPoints: tests.map((f) => here + f), outdir: out, outExtension: { '.js': '.mjs' },
  bundle: true, platform: 'node', format: 'esm', target: 'node20', sourcemap: 'inline', logLevel: 'warning',
});
const run = spawnSync(process.execPath,
  ['--enable-source-maps', '--test', ...tests.map((f) => out + f.replace(/\.ts$/, '.mjs'))],
  { stdio: 'inherit', env: { ...process.env, TESTDATA: fileURLToPath(new URL('../../testdata/', import.meta.url)) } });
process.exit(run.status ?? 1);

// Builds dist from src. The same source gives the same bytes anywhere, so that
// `--check` can prove that what is committed is what the source says.
//
//   node build.mjs           builds
//   node build.mjs --check   builds beside dist and compares
//   node build.mjs --watch   builds again whenever a source changes
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const dist = join(root, 'dist');

export const options = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  target: ['chrome110', 'firefox115', 'safari16'],
  loader: { '.txt': 'text', '.svg': 'file' },
  nodePaths: [join(root, 'node_modules')], // for the client's one dependency
  legalComments: 'none',
  logLevel: 'warning',
};

async function make(out) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, 'assets'), { recursive: true });
  const result = await build({
    ...options,
    entryPoints: ['src/arena.ts', 'src/play.ts', 'src/arena.css', 'src/play.css', 'src/nothing.css'],
    outdir: join(out, 'assets'), entryNames: '[name]-[hash]', assetNames: '[name]-[hash]',
    splitting: true, // the client and what else the pages share is loaded once
    chunkNames: 'shared-[hash]', minify: true, metafile: true,
  });
  const names = { 'icon.svg': copy(out, 'src/icon.svg') };
  for (const [file, o] of Object.entries(result.metafile.outputs)) {
    if (o.entryPoint) names[basename(o.entryPoint)] = basename(file);
  }
  for (const page of ['index.html', 'play.html', 'nothing.html']) writeFileSync(join(out, page), fill(page, names));
}

function copy(out, file) {
  const bytes = readFileSync(join(root, file));
  const name = basename(file).replace('.', `-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.`);
  writeFileSync(join(out, 'assets', name), bytes);
  return name;
}

// Pages name assets by their source: /assets/arena.ts becomes /assets/arena-HASH.js.
function fill(page, names) {
  return readFileSync(join(root, 'src', page), 'utf8').replace(/\/assets\/([\w.]+)/g, (_, name) => {
    if (!names[name]) throw new Error(`${page}: nothing was built from ${name}`);
    return '/assets/' + names[name];
  });
}

const list = (dir) => readdirSync(dir, { recursive: true, withFileTypes: true }).filter((e) => e.isFile())
  .map((e) => join(e.parentPath ?? e.path, e.name).slice(dir.length + 1)).sort();

async function check() {
  const fresh = mkdtempSync(join(tmpdir(), 'muster-web-'));
  await make(fresh);
  const want = list(fresh), got = list(dist);
  const differs = want.filter((f) => !got.includes(f) || !readFileSync(join(fresh, f)).equals(readFileSync(join(dist, f))));
  const stale = got.filter((f) => !want.includes(f));
  rmSync(fresh, { recursive: true });
  if (differs.length + stale.length > 0) {
    console.error('dist is not what the source gives; run npm run build and commit it.', { differs, stale });
    process.exit(1);
  }
  console.log('dist matches the source');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--check')) await check();
  else await make(dist);
  if (process.argv.includes('--watch')) {
    let timer;
    const again = () => make(dist).then(() => console.log('built'), (e) => console.error(e.message));
    for (const dir of ['src', '../../protocol/ts/src']) {
      watch(join(root, dir), { recursive: true }, () => { clearTimeout(timer); timer = setTimeout(again, 100); });
    }
  }
}

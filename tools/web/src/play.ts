// Shows and plays any game from its schema alone: what a studio sees of its
// first game, before there is a client of its own.

import { ApiError, Client, type Match, Session } from '@muster/client';
import { type Kept, keep, read, recall } from './kept.ts';
import { Picture } from './play/picture.ts';
import { Steer } from './play/steer.ts';
import { Tables } from './play/tables.ts';
import { explain } from './ui/banner.ts';
import { h, setText } from './ui/dom.ts';
import { reach } from './version.ts';

const mode = decodeURIComponent(location.pathname.split('/')[2] ?? '');
/** The match to be watched instead of playing one: /play/MODE#watch=MATCH. */
const watched = /^#watch=([\w-]{1,64})$/.exec(location.hash)?.[1];

const picture = new Picture(), tables = new Tables(), steer = new Steer();
const status = h('p.status'), stats = h('p.stats');
const again = h<HTMLButtonElement>('button.primary', { type: 'button', hidden: true, onclick: () => void play() }, 'Play');
const leave = h<HTMLButtonElement>('button.quiet', { type: 'button', hidden: true, onclick: () => client?.leave() }, 'Leave');

document.title = `${mode} · Muster`;
document.body.append(h('header', null, h('h1', null, mode), status, stats, again, leave),
  h('main', null, h('div.stage', null, picture.canvas, steer.root),
    h('aside', null, tables.root, h('h3', null, 'Events'), tables.events)));

let session: Session | undefined;
let client: Client | undefined;
/** Until the match of before the page was loaded anew is there, or gone. */
let returning = false;
let match: Match | undefined;

async function play(): Promise<void> {
  again.hidden = true;
  try {
    session ??= known(await Session.guest(location.origin, read('muster.name') || 'Guest', reach));
    client ??= connect(session);
    await (watched ? client.watch(watched) : client.play(mode));
  } catch (e) {
    client?.close(); // or its next state would stand in the place of what went wrong
    client = undefined;
    stop(e instanceof ApiError ? e.message : String(e));
  }
}

/** A session that is kept over a reload, with the seat that it has. */
function known(s: Session): Session {
  s.changed = remember;
  return s;
}

function remember(): void {
  if (session) keep({ session: session.saved(), mode, place: client?.place });
}

/** Goes on where one was, or begins. */
function start(was: Kept | undefined): void {
  if (was) session = known(Session.restore(location.origin, was.session, reach));
  if (!session || !was?.place || was.mode !== mode || watched) return void play();
  returning = true;
  client = connect(session);
  client.resume(was.place.match, was.place.url);
}

function connect(session: Session): Client {
  const c = new Client(session);
  c.on('state', (s) => {
    setText(status, s);
    leave.hidden = s !== 'playing';
    if (client === c) remember();
  });
  c.on('room', (r) => setText(status, `room: ${r.seats.length} of the seats${r.starts >= 0 ? `, starts in ${(r.starts / 10).toFixed(1)} s` : ''}`));
  c.on('offer', (o) => {
    setText(status, `${o.accepted} of ${o.players} have accepted`);
    if (!o.you) c.accept(true).catch(() => {}); // who has opened this page wants to play; that it came too late, the ticket tells
  });
  c.on('joined', joined);
  c.on('frame', (m) => tables.happened(m, m.mirror.events));
  c.on('over', (o) => stop(`${o.why}: ` + o.result.map((p) => `${p.rank}. ${match?.roster.get(p.seat)?.name ?? `seat ${p.seat}`} (${p.score})`).join('  ')));
  c.on('refused', (r) => {
    if (!returning) return stop(r.text);
    returning = false;
    void play(); // that one is gone
  });
  c.on('goodbye', (r) => {
    if (r.again !== undefined) return setText(status, `${explain(r)} Coming back…`);
    client = undefined;
    stop(explain(r));
  });
  return c;
}

function joined(m: Match): void {
  match = m;
  returning = false;
  m.sample = (values) => steer.sample(values);
  if (m.seat >= 0) steer.offer(m.joined.schema.inputs);
  tables.offer(m);
  picture.offer(m);
}

function stop(text: string): void {
  setText(status, text);
  setText(again, 'Play again');
  again.hidden = false;
}

function draw(now: number): void {
  requestAnimationFrame(draw);
  if (!match?.started) return;
  picture.draw(match, performance.now());
  tables.draw(match, now);
  const s = match.stats;
  setText(stats, `tick ${match.mirror.now.tick} · ${match.seat < 0 ? `watching, ${match.watchers} do` : `seat ${match.seat}`} · ${match.hz} Hz · ${s.rtt.toFixed(0)} ms · `
    + `${(s.bytesPerSecond / 1024).toFixed(1)} KB/s · gap ${s.worstGap.toFixed(0)} ms · slack ${(s.slack / 8).toFixed(1)} · desyncs ${s.desyncs}${match.mirror.cells ? ` · ${match.mirror.cells.held.length} cells` : ''}`);
}

Object.defineProperty(window, 'muster', {
  enumerable: true,
  value: Object.freeze({
    get match() { return match?.joined.match ?? ''; },
    get state() { return client?.state ?? 'closed'; },
    get tick() { return match?.mirror.now.tick ?? 0; },
    get seat() { return match?.seat ?? -1; },
    get desyncs() { return match?.stats.desyncs ?? 0; },
    /** Rows of a table, as [slot, value…]. */
    rows(name: string): number[][] {
      if (!match) return [];
      const t = match.mirror.layout.table(name), s = match.mirror.now, rows: number[][] = [];
      for (let i = t < 0 ? -1 : s.next(t, -1); i >= 0; i = s.next(t, i)) {
        rows.push([i, ...match.mirror.layout.tables[t].columns.map((_, c) => s.col(t, c)[i])]);
      }
      return rows;
    },
  }),
});

requestAnimationFrame(draw);
start(recall());

import { Audience, type GameEvent, type Match } from '@muster/client';
import { h, setText } from '../ui/dom.ts';

const ROWS = 40, EVENTS = 60, EVERY_MS = 150;
const WHO = ['all', 'team', 'own', 'nobody'];

/** All tables as they are, and the last events. */
export class Tables {
  readonly root = h('div.tables');
  readonly events = h('div.events');
  private bodies: { table: number; body: HTMLElement; count: HTMLElement }[] = [];
  private drawnAt = 0;

  offer(match: Match): void {
    this.bodies = [];
    this.events.replaceChildren();
    this.root.replaceChildren(...match.mirror.layout.tables.flatMap((t, table) => {
      if (t.audience === Audience.nobody) return [];
      const body = h('tbody'), count = h('small');
      this.bodies.push({ table, body, count });
      return [h('section', null, h('h3', null, t.name, h('small', null, ` to ${WHO[t.audience]}${t.spatial ? ' near the eye' : ''} · `), count),
        h('table', null, h('thead', null, h('tr', null, h('th', null, 'slot'), ...t.columns.map((c) => h('th', null, c.name)))), body))];
    }));
  }

  draw(match: Match, now: number): void {
    if (now - this.drawnAt < EVERY_MS) return;
    this.drawnAt = now;
    const s = match.mirror.now;
    for (const b of this.bodies) {
      const t = match.mirror.layout.tables[b.table], own = t.audience === Audience.private;
      const slots: number[] = [];
      if (own && match.seat >= 0) slots.push(match.seat);
      else if (!own) for (let i = s.next(b.table, -1); i >= 0 && slots.length < ROWS; i = s.next(b.table, i)) slots.push(i);
      setText(b.count, own ? 'this seat' : `${s.count(b.table)} of ${t.capacity}`);
      const mine = own || /player/i.test(t.name) ? match.seat : -1;
      fill(b.body, slots.map((slot) => [slot, ...t.columns.map((_, c) => s.col(b.table, c)[slot])]), mine);
    }
  }

  happened(match: Match, events: GameEvent[]): void {
    for (const e of events) {
      const kind = match.joined.schema.events[e.kind];
      const args = kind.args.map((a, i) => `${a} ${e.args[i]}`).join(', ');
      this.events.prepend(h('div', null, h('small', null, `${e.tick} `), h('b', null, kind.name), ` ${args}`));
    }
    while (this.events.children.length > EVENTS) this.events.lastChild!.remove();
  }
}

/** Changes only the cells that differ. */
function fill(body: HTMLElement, rows: number[][], seat: number): void {
  while (body.children.length > rows.length) body.lastChild!.remove();
  rows.forEach((row, r) => {
    let tr = body.children[r] as HTMLElement | undefined;
    if (!tr) body.append(tr = h('tr', null, ...row.map(() => h('td'))));
    tr.classList.toggle('me', row[0] === seat);
    row.forEach((v, i) => setText(tr.children[i] as HTMLElement, String(v)));
  });
}

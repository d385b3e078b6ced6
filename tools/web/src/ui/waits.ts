import type { Wait } from '@muster/client';
import { span } from './problems.ts';

/** What a search waits for, as a player wants to know it: what is missing, whom it would take, how long it may be. */
export function waitWords(w: Wait): string[] {
  const lines = [missing(w), within(w)];
  if (w.estimate > 0) lines.push(`About ${span(w.estimate / 1000)} more, judging by others.`);
  return lines.filter((l) => l !== '');
}

function missing(w: Wait): string {
  const others = w.inRange === 1 ? 'One other player' : `${w.inRange} other players`;
  switch (w.why) {
    case 'alone': return w.inRange === 0 ? 'Nobody else who would suit you is looking just now.' : `${others} would suit you; it takes more.`;
    case 'unsuited': return `${others} would suit you, but not all of you suit each other yet.`;
    case 'no_region': return 'No server is near enough to all of you yet.';
    case 'held': return 'Somebody who has waited very long goes first.';
    case 'impossible': return 'Your party does not fit into a match of this mode.';
  }
  return w.inRange > 0 ? `${others} would suit you.` : '';
}

function within(w: Wait): string {
  const parts: string[] = [];
  if (w.gap > 0) parts.push(`within ${w.gap} points of your rating`);
  if (w.ping > 0) parts.push(`on a server within ${w.ping} ms`);
  return parts.length > 0 ? `Looking ${parts.join(', ')}; wider the longer it takes.` : '';
}

import { h } from './dom.ts';

/** A disc with a player's initial, in a color that is always the same for the same player. */
export function avatar(id: string, name: string): HTMLElement {
  let hue = 0;
  for (const c of id) hue = (hue * 31 + c.codePointAt(0)!) % 360;
  const disc = h('i.avatar', { ariaHidden: 'true' }, [...name.trim()][0]?.toUpperCase() ?? '');
  disc.style.setProperty('--hue', String(hue));
  return disc;
}

import { fade } from '../render/palette.ts';
import { h } from '../ui/dom.ts';

/** Someone as the feed names them. sign: a shape before the name. */
interface Named { name: string; color: string; me: boolean; sign?: string }

/** Who has done what to whom, the last few lines. */
export class Feed {
  readonly root = h('div.feed', { ariaLive: 'polite' });

  reset(): void {
    this.root.replaceChildren();
  }

  say(by: Named, what: string, on: Named): void {
    const line = h('div.kill', null, named(by), h('span.with', null, what), named(on));
    if (by.me || on.me) line.classList.add('mine');
    this.root.append(line);
    while (this.root.children.length > 5) this.root.firstChild!.remove();
    setTimeout(() => line.classList.add('old'), 4500);
    setTimeout(() => line.remove(), 5200);
  }
}

function named(a: Named): HTMLElement {
  const el = h('span.who', null, a.sign ? `${a.sign} ${a.name}` : a.name);
  el.style.color = a.color;
  el.style.textShadow = `0 0 12px ${fade(a.color, 0.35)}`;
  return el;
}

type Child = Node | string | undefined | false;

/**
 * Makes an element: h('button.primary', { onclick }, 'Play'). Text is always
 * text, never markup.
 */
export function h<E extends HTMLElement = HTMLElement>(spec: string, props?: Record<string, unknown> | null, ...children: Child[]): E {
  const [tag, ...classes] = spec.split('.');
  const el = document.createElement(tag || 'div') as unknown as E;
  if (classes.length > 0) el.className = classes.join(' ');
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name in el) (el as unknown as Record<string, unknown>)[name] = value;
    else el.setAttribute(name, String(value));
  }
  el.append(...children.filter((c): c is Node | string => c !== undefined && c !== false));
  return el;
}

/** Sets text only where it changed: layout is not free. */
export function setText(el: HTMLElement, text: string): void {
  if (el.textContent !== text) el.textContent = text;
}

/** Sets a custom property that the style sheet draws by. */
export const setVar = (el: HTMLElement, name: string, value: string | number) => el.style.setProperty(name, String(value));

export const show = (el: HTMLElement, visible: boolean) => { el.hidden = !visible; };

/** Puts other children in an element. A button that had the focus has it again, if there is one of the same words. */
export function redraw(el: HTMLElement, ...children: Node[]): void {
  const words = (b: Element) => b.ariaLabel ?? b.textContent;
  const focused = document.activeElement, had = focused && el.contains(focused) ? words(focused) : null;
  el.replaceChildren(...children);
  if (had !== null) [...el.querySelectorAll('button')].find((b) => words(b) === had)?.focus();
}

const PATHS = {
  people: 'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8m-7 9c0-4 3-6 7-6s7 2 7 6M16 3.5a4 4 0 0 1 0 7.200M18 14c2.5 1 4 3 4 6',
  mail: 'M3 6h18v13H3zM4 7l8 6 8-6',
  cup: 'M7 4h10v5a5 5 0 0 1-10 0zM7 5H4c0 3 1 5 4 5M17 5h3c0 3-1 5-4 5M12 14v4M8 20h8',
  eye: 'M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6',
  door: 'M5 21V3h10v18M3 21h18M12 12h.01M15 6h4v15',
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing in the color of the text. */
export function icon(name: IconName): Node {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), path = document.createElementNS(svg.namespaceURI, 'path');
  for (const [k, v] of Object.entries({ viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' })) svg.setAttribute(k, v);
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

const PATHS = {
  people: 'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8m-7 9c0-4 3-6.500 7-6.500s7 2.500 7 6.500M16 3.500a4 4 0 0 1 0 7.200M18 14c2.500.700 4 2.900 4 6',
  mail: 'M3 6h18v13H3zM3.500 6.500l8.500 7 8.500-7',
  cup: 'M7 4h10v5a5 5 0 0 1-10 0zM7 5H3.500c0 3 1 5 4 5.500M17 5h3.500c0 3-1 5-4 5.500M12 14v4M8 20h8',
  door: 'M5 21V3h10v18M3 21h18M12 12h.010M15 6h4v15',
  star: 'M12 3l2.700 5.800 6.300.700-4.700 4.300 1.300 6.200L12 16.900 6.400 20l1.300-6.200L3 9.500l6.300-.700z',
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

// Numbers as people say them.

/** Minutes and seconds, 1:05. */
export function clock(seconds: number): string {
  const s = Math.ceil(seconds);
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
}

/** 1st, 2nd, 11th. */
export function ordinal(n: number): string {
  const tens = n % 100, ones = n % 10;
  if (tens > 10 && tens < 14) return `${n}th`;
  return n + (ones === 1 ? 'st' : ones === 2 ? 'nd' : ones === 3 ? 'rd' : 'th');
}

/** How long something is past. */
export function ago(seconds: number): string {
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

/** A difference with its sign. */
export const signed = (n: number) => n > 0 ? `+${n}` : n < 0 ? `−${-n}` : '±0';

/** What a match has come to for a player, as the mail about it says in its data. */
export interface Rated {
  match: string;
  mode: string;
  /** 0 where it was not played to its end. */
  place: number;
  /** Points of rating. */
  before: number;
  after: number;
}

/** Whether the match has counted for the rating: those of rooms do not. */
export const counts = (r: Rated) => r.before !== 0 || r.after !== 0;

/** Undefined where the data are of something else. */
export function ratedOf(data: string): Rated | undefined {
  try {
    const { match, mode, place = 0, before, after } = JSON.parse(data) as Partial<Rated>;
    if (typeof match !== 'string' || typeof mode !== 'string' || typeof before !== 'number' || typeof after !== 'number') return undefined;
    return { match, mode, place: Number(place), before, after };
  } catch {
    return undefined;
  }
}

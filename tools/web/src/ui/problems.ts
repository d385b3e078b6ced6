import { ApiError, type Ban } from '@muster/client';

/** What problems mean to a player, by code. Of all others the server's own words are shown. */
const TEXTS: Record<string, string> = {
  unreachable: 'The server cannot be reached. Are you offline?',
  username_taken: 'Somebody has that username, or one that looks like it.',
  name_invalid: 'A name has 1 to 24 characters, all of them visible.',
  password_length: 'A password has at least 8 characters, and not more than 128.',
  password_common: 'That password is one of the first that anybody would try. Choose another.',
  login_failed: 'Username and password do not belong together.',
  username_exists: 'This account has a username already.',
  credential_taken: 'That login belongs to another account already.',
  credentials_full: 'This account has as many logins as one may have.',
  update_required: 'There is a newer version of this page: load it anew.',
  login_busy: 'Too many are logging in just now. Try again in a moment.',
  storage_unavailable: 'The server cannot keep anything just now. Try again later.',
  internal: 'The server had an error. Try again later.',
  draining: 'The server is restarting. Try again in a moment.',
  token_revoked: 'You are logged out. Log in again.',
  token_expired: 'Your login ran out. Log in again.',
  token_invalid: 'Your login is not known any more. Log in again.',
  player_unknown: 'There is no such player here.',
  player_self: 'That is you.',
  friends_already: 'You are friends already.',
  friends_full: 'You have as many friends as one may have.',
  theirs_full: 'They have as many friends or requests as one may have.',
  requests_full: 'You have asked as many as one may ask.',
  blocking: 'You block this player.',
  member_already: 'They are in your party already.',
  party_full: 'The party is full.',
  party_away: 'A member of the party is not connected.',
  party_queued: 'The party is looking for a match already.',
  party_too_large: 'The party is too large for this mode.',
  in_other_party: 'Leave your party first.',
  invitation_not_found: 'That invitation is not good any more.',
  not_leader: 'Only the leader of the party may do that.',
  ticket_exists: 'One of you is looking for a match already.',
  no_offer: 'It is too late: the match was not accepted by everybody.',
  not_ranked: 'You are not on this board yet.',
};

/** Waits that a problem names are told in seconds or minutes. */
const WAITS: Record<string, string> = {
  rate_limited: 'That was too often. Try again',
  too_many_failures: 'Too many logins have failed. Try again',
  too_fast: 'That was too often. Try again',
};

/** What went wrong, said to a player. */
export function problem(e: unknown): string {
  if (!(e instanceof ApiError)) return 'That did not work. Please try again.';
  if (e.code === 'banned') return banned(e.ban);
  const wait = WAITS[e.code];
  if (wait !== undefined) return `${wait} ${e.retryAfter > 0 ? `in ${span(e.retryAfter)}` : 'later'}.`;
  return TEXTS[e.code] ?? e.message;
}

/** A ban longer than a life of playing is for good. */
const FOR_GOOD = 50 * 365 * 86_400_000;

/** Until when it is, and why. */
export function banned(ban?: Ban): string {
  if (!ban) return 'You are banned.';
  const until = ban.until.getTime() - Date.now() > FOR_GOOD ? 'for good'
    : `until ${ban.until.toLocaleString([], { dateStyle: 'long', timeStyle: 'short' })}`;
  return `You are banned ${until}${ban.reason === '' ? '.' : `: ${ban.reason}`}`;
}

/** Seconds, as people say them: 1 second, 40 seconds, 3 minutes, 2 hours. */
export function span(seconds: number): string {
  const said = (n: number, unit: string) => `${n} ${unit}${n === 1 ? '' : 's'}`;
  if (seconds < 90) return said(Math.max(1, Math.ceil(seconds)), 'second');
  if (seconds < 90 * 60) return said(Math.round(seconds / 60), 'minute');
  return seconds < 36 * 3600 ? said(Math.round(seconds / 3600), 'hour') : said(Math.round(seconds / 86_400), 'day');
}

// What is said of rooms.

import { type Mode, RoomPrivacy } from '@muster/client';

/** Why something in a room is not done, by code. */
const REFUSED: Record<string, string> = {
  room_not_found: 'There is no such room any more.', room_full: 'The room is full.', password_wrong: 'That is not the password.',
  banned: 'You are banned from this room.', bans_full: 'That is as many bans as a room has. Lift one first.', friends_only: 'Only friends of the host may join.', too_fast: 'That was too often. Wait a minute.',
  rooms_full: 'The server has as many rooms as it takes.', in_room: 'You are in a room already.', no_room: 'You are in no room.',
  draining: 'The server is restarting. Try again in a moment.', not_host: 'Only the host may do that.', mode_unknown: 'There is no such mode any more.',
  options_invalid: 'Those options do not go together.', size_invalid: 'There are more people here than that.', text_invalid: 'That text is too long.',
  seat_taken: 'That seat is taken.', player_unknown: 'They have left.', self: 'That is you.', no_bots: 'This mode has no bots.',
  not_ready: 'Not everybody is ready.', too_few: 'There are too few for a match: add bots, or wait for others.', playing: 'Somebody is still playing.',
  starting: 'The match is about to begin.', no_host: 'No match could be made just now. Try again.', placed: 'You are on the way to another match.',
  busy: 'The server is busy. Try again in a moment.', unanswered: 'The server did not answer. Try again.',
};

export const refusal = (code: string) => REFUSED[code] ?? 'That did not work. Please try again.';

/** Why one is out of a room; left is one's own doing. */
export const LEFT: Record<string, string> = {
  kicked: 'The host has removed you from the room.', banned: 'The host has banned you from the room.', away: 'You were away too long, so the room was left.',
  idle: 'Nothing happened in the room for long, so it was closed.', draining: 'The server is restarting, so the room was closed.', failed: 'Something went wrong, so the room was closed.',
};

export const PRIVACY = [
  [RoomPrivacy.public, 'Public: in the list'], [RoomPrivacy.unlisted, 'Unlisted: with the link or code'], [RoomPrivacy.friends, 'Friends of the host, with the code'],
] as const;

/** What is chosen of a mode's options, where it is not the usual. */
export function chosen(mode: Mode | undefined, values: number[]): string[] {
  return (mode?.options ?? []).flatMap((o, i) => {
    const v = values[i] ?? o.default;
    return v === o.default ? [] : [`${o.title || o.name}: ${o.values[v - o.min] ?? v}`];
  });
}

export const linkTo = (code: string) => `${location.origin}/#room=${code}`;

export { type Account, account, blocked, deleteAccount, exportAccount, type Identity, rename, report } from './account.ts';
export { around, type Board, leaderboard, matches, type Played, type Rating, ratings, type Standing } from './career.ts';
export type { Cells } from './cells.ts';
export { Client, type ClientEvents, type ClientOptions, type Offered, type Room, type State } from './client.ts';
export { Company } from './company.ts';
export type { Dial, Socket } from './connection.ts';
export {
  type Assignment, Channel, type Chat, type Invitation, type MailNotice, type Over, type Party, type PartyInvited, type PartyMember, type Person,
  type Placing, PresenceState, type RoomSeat, type RosterSeat, type RoomFilter, type RoomHead, type RoomLeft, type RoomPlace, type RoomReply, type RoomRow, type RoomWish, SeatStatus, Tie, type Wait,
} from './control.ts';
export { MailReader } from './mail.ts';
export { Match, type Sampler } from './match.ts';
export { Mirror } from './mirror.ts';
export { MadeRoom, RoomKind, RoomList, RoomPhase, RoomPrivacy, RoomVerb } from './rooms.ts';
export { MalformedError } from './pack.ts';
export { BANNED, LOGGED_OUT, type Reason } from './reason.ts';
export { Audience, type Column, type EventKind, type Field, Layout, type Schema, type Space, type Table } from './schema.ts';
export { ApiError, type Ban, beginLogin, type Flow, listModes, type LiveMatch, listProviders, type Provider, type Returned, type Mode, type ModeOption, type Player, type Reach, type SavedSession, Session, type Device, type Ticket, type Wish } from './session.ts';
export { type GameEvent, Snapshot } from './snapshot.ts';
export { Stats } from './stats.ts';
export type { Tabs } from './tabs.ts';
export { type Moment, Timeline, between } from './timeline.ts';

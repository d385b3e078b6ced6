// What a player does about the own account, besides logging in.

import type { Session } from './session.ts';

/** An account, as its player sees it. */
export interface Account { id: string; name: string; username?: string; guest: boolean; identities: Identity[] }

/** An identity at a provider of OpenID Connect, by which the player logs in. */
export interface Identity { id: string; issuer: string; subject: string }

export const account = (session: Session) => session.ask<Account>('GET', '/v1/account');

/** Changes the name that others see: at once over REST, and for connections that are made from now on. */
export async function rename(session: Session, name: string): Promise<void> {
  await session.ask('PATCH', '/v1/account', { name });
  await session.renew(); // tokens have the name
}

/** All that is kept of the player, as JSON. */
export const exportAccount = (session: Session) => session.ask<Record<string, unknown>>('GET', '/v1/account/export');

/** Whom the player blocks and mutes, by id. */
export const blocked = (session: Session) => session.ask<{ blocks: string[]; mutes: string[] }>('GET', '/v1/blocks');

/** Tells the moderators of a line of chat that was heard, by its id, or of a player. */
export const report = (session: Session, about: { player: string } | { message: number }, reason: string) =>
  session.ask<{ id: number }>('POST', '/v1/reports', { ...about, reason });

/** Deletes the account and all that is kept of the player. */
export const deleteAccount = (session: Session) => session.ask('DELETE', '/v1/account');

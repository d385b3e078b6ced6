/** Why a connection ended, as the server says it: a close code, a stable text, and what to do. */
export interface Reason {
  code: number;
  text: string;
  /** Whether a client may connect again by itself. */
  comeBack: boolean;
}

// Of these the client must not come back by itself; of all others, and of a
// connection that breaks without a word, it does.
const FINAL = new Set([1002, 1003, 1009, 4001, 4002, 4003, 4004, 4006, 4007, 4008, 4009, 4016]);

/** The code of a reason that asks for a new access token first. */
export const SESSION_EXPIRED = 4005;

/** Nobody is logged in after it. */
export const LOGGED_OUT = 4006;

export const BANNED = 4009;

/** What a close frame without a Goodbye before it means. */
export function reasonOf(code: number, text: string): Reason {
  return { code, text: text || (code === 1006 ? 'connection lost' : `closed with ${code}`), comeBack: !FINAL.has(code) };
}

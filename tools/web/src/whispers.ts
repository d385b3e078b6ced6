import { Channel, type Chat, type Client } from '@muster/client';

const KEPT = 100;

/** What was whispered in this tab, by the other player. */
export class Whispers {
  private readonly lines = new Map<string, Chat[]>();
  private readonly unread = new Map<string, number>();
  private client?: Client;

  /**
   * @param came hears of each line, whose talk it is of, and whether it is from the other
   */
  constructor(private readonly came: (c: Chat, other: string, theirs: boolean) => void) {}

  /** Whose they are from now on: another player has none yet. */
  of(client?: Client): void {
    if (client?.session.player.id !== this.client?.session.player.id) {
      this.lines.clear();
      this.unread.clear();
    }
    this.client = client;
    client?.on('chat', (c) => { if (c.channel === Channel.whisper && this.client === client) this.add(c); });
  }

  with(player: string): Chat[] {
    return this.lines.get(player) ?? [];
  }

  news(player: string): number {
    return this.unread.get(player) ?? 0;
  }

  /** Those who wait to be read. */
  get waiting(): number {
    return this.unread.size;
  }

  read(player: string): void {
    this.unread.delete(player);
  }

  private add(c: Chat): void {
    const me = this.client!.session.player.id, theirs = c.refused === '' && c.from !== me, other = theirs ? c.from : c.to;
    this.lines.set(other, [...this.with(other), c].slice(-KEPT));
    if (theirs) this.unread.set(other, this.news(other) + 1);
    this.came(c, other, theirs);
  }
}

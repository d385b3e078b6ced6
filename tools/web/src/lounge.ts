import { ApiError, type Chat, type Client, type LiveMatch, type MailNotice, type Mode, type Party } from '@muster/client';
import { note } from './kept.ts';
import type { Login } from './login.ts';
import { returned } from './provided.ts';
import { AccountDialog } from './ui/account.ts';
import { Banner } from './ui/banner.ts';
import { Boards } from './ui/boards.ts';
import { Corner, Door } from './ui/corner.ts';
import { Inbox } from './ui/inbox.ts';
import { People } from './ui/people.ts';
import { type About, PersonDialog } from './ui/person.ts';
import { problem } from './ui/problems.ts';
import { WatchDialog } from './watch/list.ts';
import { Whispers } from './whispers.ts';

const NEWS_S = 20;

/** What there is beside playing: the account, friends and party, mail, and how players stand. */
export class Lounge {
  readonly account: AccountDialog;
  readonly corner: Corner;
  readonly news = new Banner();
  private readonly whispers = new Whispers((c, other, theirs) => this.whispered(c, other, theirs));
  private readonly person = new PersonDialog(this.whispers);
  private readonly people: People;
  private readonly inbox: Inbox;
  private readonly boards: Boards;
  private readonly live: WatchDialog;
  private invitations = '';

  /**
   * @param wanted what a newcomer wants to be called
   * @param title names a mode to people
   * @param joinRoom joins a room by its code
   * @param watch watches a match
   */
  constructor(private readonly login: Login, private readonly wanted: () => string,
    title: (mode: string) => string, private readonly joinRoom: (code: string) => void, watch: (match: LiveMatch) => void) {
    const friends = new Door('people', 'Friends and party', () => this.people.open()), mail = new Door('mail', 'Inbox', () => this.inbox.open());
    this.people = new People((n) => friends.count(n), { joinRoom, watch, about: (who) => this.about(who), whispers: this.whispers });
    this.inbox = new Inbox((n) => mail.count(n), title);
    this.account = new AccountDialog(login, wanted);
    const session = async () => (await login.as(wanted())).session;
    this.boards = new Boards(session);
    this.live = new WatchDialog(session, watch);
    this.corner = new Corner(() => this.account.open(), [friends, mail]);
  }

  /** Another player, another name, or nobody. */
  playerChanged(): void {
    const session = this.login.session;
    this.corner.show(session);
    this.inbox.of(session?.player.id ?? '');
    if (!session) this.follow(undefined);
  }

  private follow(client?: Client): void {
    this.whispers.of(client);
    this.people.of(client);
  }

  /** Shows somebody, to whisper to or to be rid of. */
  about(who: About): void {
    const client = this.login.client;
    if (!client) return;
    this.person.open(client, who);
    this.people.draw();
  }

  /** Shows a whisper, or tells that there is one. */
  private whispered(c: Chat, other: string, theirs: boolean): void {
    const seen = this.person.heard(c, other);
    if (theirs && !seen) this.news.say(`${c.name} whispers: ${c.text}`, NEWS_S, { name: 'Answer', run: () => this.about({ player: other, name: c.name }) });
    this.people.draw();
  }

  connected(client: Client): void {
    this.follow(client);
    client.on('mail', (n) => this.mailCame(client, n));
    client.on('party', (p) => this.invited(p));
  }

  showBoards(modes: Mode[], mode: string): void {
    this.boards.open(modes, mode);
  }

  showLive(modes: Mode[], mode: string): void {
    this.live.open(modes, mode);
  }

  /** Is whom a provider has let in, where one comes back from there. @returns whether that is so */
  async comeBack(): Promise<boolean> {
    const back = returned();
    if (back === undefined) return false;
    try {
      if (back !== 'refused') {
        await this.login.provided(back);
        return true;
      }
      this.news.say('You have not logged in there.', NEWS_S);
    } catch (e) {
      const late = e instanceof ApiError && e.code === 'login_failed';
      this.news.say(late ? 'That login is not good any more. Try again.' : problem(e), NEWS_S);
    }
    return false;
  }

  /** Does what the page's address asks for, and forgets it. */
  async followLink(hash: string): Promise<void> {
    const room = /^#room=(\w{1,12})$/.exec(hash)?.[1];
    if (room) return this.joinRoom(room);
    const friend = /^#friend=([\w-]{1,64})$/.exec(hash)?.[1];
    if (!friend) return;
    history.replaceState(null, '', location.pathname);
    try {
      await (await this.login.as(this.wanted())).session.ask('PUT', `/v1/friends/${friend}`);
      this.news.say('You have asked to be friends.', NEWS_S, { name: 'Friends', run: () => this.people.open() });
    } catch (e) {
      this.news.say(problem(e), NEWS_S);
    }
  }

  private mailCame(client: Client, n: MailNotice): void {
    this.inbox.add(n);
    note(client.session.player.id, n.id);
  }

  /** Tells who invites, once. */
  private invited(p: Party): void {
    const now = p.invitations.map((i) => i.party).join(), fresh = p.invitations.find((i) => !this.invitations.includes(i.party));
    this.invitations = now;
    if (!fresh || this.people.isOpen) return;
    this.news.say(`${fresh.name} invites you to a party.`, NEWS_S,
      { name: 'Join', run: () => void this.people.ask('POST', `/v1/party/invitations/${fresh.party}/accept`) }, { name: 'Later', run: () => {} });
  }
}

import { blocked, Channel, type Chat, type Client, type Invitation, type LiveMatch, type Party, type Person, PresenceState, Tie } from '@muster/client';
import { avatar } from './avatar.ts';
import { ChatBox } from './chat.ts';
import { Dialog } from './dialog.ts';
import { h, redraw, setText, show } from './dom.ts';
import { Form, field } from './form.ts';
import type { About } from './person.ts';
import { problem } from './problems.ts';

const WHERE: Record<number, string> = {
  [PresenceState.offline]: 'offline', [PresenceState.online]: 'online', [PresenceState.inLobby]: 'in a room', [PresenceState.inMatch]: 'in a match',
};

/** What the panel asks for beyond itself. */
export interface Doing {
  /** Joins a room by its code. */
  joinRoom(code: string): void;
  /** Watches a match. */
  watch(match: LiveMatch): void;
  /** Shows somebody. */
  about(who: About): void;
  /** How many lines of a player wait to be read, and how many players have some. */
  whispers: { news(player: string): number; readonly waiting: number };
}

/** Friends, the party, and who asks for either. */
export class People extends Dialog {
  private client?: Client;
  private readonly invitations = h('ul.people');
  private readonly party = h('section');
  private readonly members = h('ul.people');
  private readonly requests = h('ul.people');
  private readonly friends = h('ul.people');
  private readonly nobody = h('p.lead', null, 'Friends see when you are here, and you can play together.');
  private readonly status = h('p.status', { role: 'status' });
  private readonly chat: ChatBox;
  private readonly shunned = h<HTMLDetailsElement>('details.shunned', { hidden: true });

  /** @param counted hears how many wait for an answer */
  constructor(private readonly counted: (n: number) => void, private readonly doing: Doing) {
    super('side', 'Friends and party');
    this.chat = new ChatBox(() => this.me, (text) => this.client?.say(text),
      (line) => doing.about({ player: line.from, name: line.name, line }));
    this.party.append(h('h3', null, 'Party'), this.members, this.chat.root);
    this.body.append(this.invitations, this.party, this.requests, this.nobody, this.friends, this.status, this.adding(), this.shunned);
    this.draw();
  }

  private get me(): string {
    return this.client?.session.player.id ?? '';
  }

  /** Whose friends they are from now on. */
  of(client?: Client): void {
    this.client = client;
    this.chat.clear();
    client?.on('party', () => this.draw());
    client?.on('people', () => this.draw());
    client?.on('chat', (c: Chat) => { if (c.channel === Channel.party) this.chat.add(c); });
    this.draw();
  }

  open(): void {
    this.say('');
    this.draw();
    this.show();
    void this.drawShunned();
  }

  /** Asks for something; what comes of it is told over the socket. */
  async ask(method: string, path: string, done = ''): Promise<void> {
    await this.client?.session.ask(method, path).then(() => this.say(done), (e: unknown) => this.say(problem(e), true));
  }

  private say(text: string, bad = false): void {
    setText(this.status, text);
    this.status.classList.toggle('bad', bad);
  }

  /** Shows who is here, how they are tied and who has whispered. */
  draw(): void {
    const company = this.client?.company, party = company?.party, people = [...company?.people.values() ?? []];
    const asks = people.filter((p) => p.tie === Tie.asks), invitations = party?.invitations ?? [];
    this.counted(asks.length + invitations.length + this.doing.whispers.waiting);
    redraw(this.invitations, ...invitations.map((i) => this.invitation(i)));
    redraw(this.members, ...party?.members.map((m) => this.member(party, m)) ?? []);
    show(this.party, (party?.members.length ?? 0) > 0);
    redraw(this.requests, ...asks.map((p) => this.request(p)));
    const friends = people.filter((p) => p.tie === Tie.friend || p.tie === Tie.asked).sort((a, b) => b.state - a.state || a.name.localeCompare(b.name));
    redraw(this.friends, ...friends.map((p) => this.friend(p, party)));
    show(this.nobody, friends.length === 0);
  }

  private invitation(i: Invitation): HTMLElement {
    return this.person(i.by, i.name, `invites you to a party of ${i.members}`, 'news',
      this.act('Join', 'POST', `/v1/party/invitations/${i.party}/accept`), this.act('No', 'POST', `/v1/party/invitations/${i.party}/decline`));
  }

  private request(p: Person): HTMLElement {
    return this.person(p.player, p.name, 'wants to be your friend', 'news',
      this.act('Accept', 'POST', `/v1/friends/${p.player}/accept`), this.act('No', 'POST', `/v1/friends/${p.player}/decline`));
  }

  private member(party: Party, m: Party['members'][number]): HTMLElement {
    const leads = party.leader === m.player, mine = m.player === this.me, lead = party.leader === this.me;
    return this.person(m.player, mine ? `${m.name} (you)` : m.name, leads ? 'leads' : m.here ? '' : 'away', m.here ? 'online' : '',
      mine && this.act('Leave', 'DELETE', '/v1/party'),
      lead && !mine && this.act('Make leader', 'POST', `/v1/party/members/${m.player}/promote`),
      lead && !mine && this.act('Kick', 'DELETE', `/v1/party/members/${m.player}`));
  }

  private friend(p: Person, party?: Party): HTMLElement {
    if (p.tie === Tie.asked) return this.person(p.player, p.name, 'has not answered yet', '', this.act('Take back', 'DELETE', `/v1/friends/${p.player}`));
    const within = party?.members.some((m) => m.player === p.player), invited = party?.invited.some((m) => m.player === p.player);
    const lines = this.doing.whispers.news(p.player);
    const more = h('button.quiet', { type: 'button', ariaLabel: `Whisper to ${p.name}, and more`, onclick: () => this.doing.about(p) },
      lines > 0 ? `${lines} new` : p.state > 0 ? 'Whisper' : '…');
    return this.person(p.player, p.name, within ? 'in your party' : invited ? 'invited' : WHERE[p.state] ?? '', p.state > 0 ? 'online' : '',
      p.joinable && p.state === PresenceState.inLobby && h('button.quiet', { type: 'button', onclick: () => { this.close(); this.doing.joinRoom(p.where); } }, 'Join'),
      p.state === PresenceState.inMatch && !within && h('button.quiet', { type: 'button', onclick: () => void this.watch(p) }, 'Watch'),
      !within && !invited && p.state > 0 && this.act('Invite', 'PUT', `/v1/party/invited/${p.player}`), more);
  }

  /** Goes to watch the match that a friend plays. */
  private async watch(friend: Person): Promise<void> {
    const session = this.client!.session;
    try {
      const { matches } = await session.matches({ player: friend.player }), match = matches.find((m) => m.watch);
      if (match) this.doing.watch(match);
      else this.say(`The match of ${friend.name} is not for you to watch.`, true);
    } catch (e) {
      this.say(problem(e), true);
    }
  }

  /** Whom one blocks or mutes, to take it back. Their names are asked for once one wants to see them. */
  async drawShunned(): Promise<void> {
    const session = this.client?.session, all = session && await blocked(session).catch(() => undefined);
    const ids = [...new Set([...all?.blocks ?? [], ...all?.mutes ?? []])], list = h('ul.people');
    show(this.shunned, ids.length > 0);
    this.shunned.replaceChildren(h('summary', null, `Blocked and muted (${ids.length})`), list);
    this.shunned.ontoggle = () => { if (this.shunned.open && list.childElementCount === 0) void this.nameShunned(list, ids, all!.blocks); };
    if (this.shunned.open) void this.nameShunned(list, ids, all!.blocks);
  }

  private async nameShunned(list: HTMLElement, ids: string[], blocks: string[]): Promise<void> {
    for (const id of ids) {
      const name = await this.client!.session.ask<{ name: string }>('GET', `/v1/players/${id}`).then((p) => p.name, () => 'Somebody');
      list.append(this.person(id, name, blocks.includes(id) ? 'blocked' : 'muted', '',
        h('button.quiet', { type: 'button', ariaLabel: `About ${name}`, onclick: () => this.doing.about({ player: id, name }) }, '…')));
    }
  }

  private person(id: string, name: string, what: string, kind: string, ...actions: (HTMLElement | false)[]): HTMLElement {
    return h(kind ? `li.${kind}` : 'li', null, avatar(id, name), h('span.who', null, h('strong', null, name), h('small', null, what)), h('span.acts', null, ...actions));
  }

  private act(text: string, method: string, path: string): HTMLElement {
    return h('button.quiet', { type: 'button', onclick: () => void this.ask(method, path) }, text);
  }

  private adding(): HTMLElement {
    const name = h<HTMLInputElement>('input', { required: true, placeholder: 'Username', autocapitalize: 'none', autocomplete: 'off', spellcheck: false });
    const form = new Form('Ask', [field('Add a friend', name)], async () => {
      const session = this.client!.session;
      const { id } = await session.ask<{ id: string }>('GET', `/v1/players?name=${encodeURIComponent(name.value.trim())}`);
      await session.ask('PUT', `/v1/friends/${id}`);
      name.value = '';
      form.say('Asked. They see it at once, or when they come.');
    });
    const link = h('button.quiet', { type: 'button', onclick: () => void this.copyLink(form) }, 'Copy a link that befriends me');
    return h('section.adding', null, form.root, link);
  }

  private async copyLink(form: Form): Promise<void> {
    const url = `${location.origin}/#friend=${this.me}`;
    await navigator.clipboard.writeText(url).then(() => form.say('Copied. Whoever opens it asks to be your friend.'), () => form.say(url));
  }
}

import { blocked, type Chat, type Client, report, Tie } from '@muster/client';
import type { Whispers } from '../whispers.ts';
import { ChatBox } from './chat.ts';
import { Dialog } from './dialog.ts';
import { h, redraw, setText, show } from './dom.ts';
import { Form, field } from './form.ts';
import { problem } from './problems.ts';

/** Somebody, and what they have said where that is what one points at. */
export interface About { player: string; name: string; line?: Chat }

/** One other player: what is whispered with them, and how to be rid of them. */
export class PersonDialog extends Dialog {
  private readonly chat: ChatBox;
  private readonly acts = h('div.row.wrap');
  private readonly status = h('p.status', { role: 'status' });
  private readonly quote = h('blockquote');
  private readonly reason = h<HTMLInputElement>('input', { required: true, maxLength: 200, placeholder: 'What have they done?' });
  private readonly reporting: Form;
  private client?: Client;
  private about: About = { player: '', name: '' };
  private blocks: string[] = [];
  private mutes: string[] = [];

  constructor(private readonly whispers: Whispers) {
    super('person', '');
    this.chat = new ChatBox(() => this.client?.session.player.id ?? '', (text) => this.client?.whisper(this.about.player, text),
      (c) => this.point(c), 'Whisper something');
    this.reporting = new Form('Report', [this.quote, field('Tell the moderators', this.reason)], () => this.report());
    this.body.append(this.chat.root, this.acts, this.reporting.root, this.status);
  }

  /** Shows somebody, who may not be oneself. */
  open(client: Client, about: About): void {
    if (about.player === client.session.player.id) return;
    this.client = client;
    this.about = about;
    this.title = about.name;
    this.reason.value = '';
    this.reporting.say('');
    this.say('');
    this.chat.clear();
    for (const c of this.whispers.with(about.player)) this.chat.add(c);
    this.whispers.read(about.player);
    show(this.reporting.root, about.line !== undefined);
    setText(this.quote, about.line?.text ?? '');
    show(this.quote, about.line !== undefined);
    this.draw();
    this.show();
    void this.look();
  }

  /** Takes in a line of a whisper. @returns whether it is seen at once */
  heard(c: Chat, other: string): boolean {
    if (!this.isOpen || other !== this.about.player) return false;
    this.chat.add(c);
    this.whispers.read(other);
    return true;
  }

  /** A line of theirs is what is reported. */
  private point(c: Chat): void {
    if (c.from === this.about.player) this.startReport({ ...this.about, line: c });
  }

  private startReport(about: About): void {
    this.about = about;
    setText(this.quote, about.line?.text ?? '');
    show(this.quote, about.line !== undefined);
    show(this.reporting.root, true);
    this.reason.focus();
  }

  private async report(): Promise<void> {
    const { player, line } = this.about;
    await report(this.client!.session, line ? { message: line.id } : { player }, this.reason.value.trim());
    show(this.reporting.root, false);
    this.say('Reported. The moderators see it with the last lines that were said.');
  }

  private say(text: string, bad = false): void {
    setText(this.status, text);
    this.status.classList.toggle('bad', bad);
  }

  /** Whether they are muted or blocked is asked for each time: another device may have changed it. */
  private async look(): Promise<void> {
    const all = await blocked(this.client!.session).catch(() => undefined);
    this.blocks = all?.blocks ?? this.blocks;
    this.mutes = all?.mutes ?? this.mutes;
    this.draw();
  }

  private draw(): void {
    const { player } = this.about, off = this.blocks.includes(player), muted = this.mutes.includes(player);
    const tie = this.client?.company.people.get(player)?.tie ?? Tie.none;
    show(this.chat.root, !off);
    redraw(this.acts, ...[
      !off && tie === Tie.none && this.act('Add as friend', 'PUT', 'friends', 'Asked to be friends.'),
      tie === Tie.friend && this.act('Remove friend', 'DELETE', 'friends', 'You are not friends any more.'),
      muted ? this.act('Unmute', 'DELETE', 'mutes', 'You hear them again.') : !off && this.act('Mute', 'PUT', 'mutes', 'You hear nothing they say. They are not told.'),
      off ? this.act('Unblock', 'DELETE', 'blocks', 'They can reach you again.') : this.act('Block', 'PUT', 'blocks', 'They cannot reach you or see where you are. They are not told.'),
      h('button.quiet', { type: 'button', onclick: () => this.startReport({ ...this.about, line: undefined }) }, 'Report'),
    ].filter((b) => b !== false));
  }

  private act(text: string, method: string, list: string, done: string): HTMLElement {
    return h('button.quiet', { type: 'button', onclick: () => void this.change(method, `/v1/${list}/${this.about.player}`, done) }, text);
  }

  private async change(method: string, path: string, done: string): Promise<void> {
    await this.client!.session.ask(method, path).then(() => this.say(done), (e: unknown) => this.say(problem(e), true));
    await this.look();
  }
}

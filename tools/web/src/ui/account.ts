import { account, type Account, deleteAccount, exportAccount, type Session } from '@muster/client';
import type { Login } from '../login.ts';
import { goTo, providers } from '../provided.ts';
import { Dialog } from './dialog.ts';
import { h, show } from './dom.ts';
import { Form, field } from './form.ts';
import { problem } from './problems.ts';

const REGISTER = 'Create an account';

/** A player's account: to make one, to log in, and what there is to do with it. */
export class AccountDialog extends Dialog {
  /** @param name what a newcomer wants to be called */
  constructor(private readonly login: Login, private readonly name: () => string) {
    super('account', 'Account');
  }

  /** For whoever has an account, and is not logged in. */
  enter(): void {
    this.showEntry('login');
    this.show();
  }

  open(): void {
    const session = this.login.session;
    if (!session) this.showEntry('login');
    else if (session.guest) this.showEntry('register');
    else this.showOwn();
    this.show();
  }

  /** For whoever has none yet, or is not logged in. */
  private showEntry(which: 'register' | 'login'): void {
    this.title = which === 'register' ? REGISTER : 'Log in';
    const guest = this.login.session?.guest ? this.login.session.player.name : '';
    const tab = (name: 'register' | 'login', text: string) =>
      h('button.tab', { type: 'button', ariaPressed: String(name === which), onclick: () => this.showEntry(name) }, text);
    this.body.replaceChildren(h('div.tabs', null, tab('register', 'Create'), tab('login', 'Log in')),
      which === 'register' ? this.registering(guest) : this.loggingIn(guest));
  }

  private registering(guest: string): HTMLElement {
    const { username, password, fields } = credentials('new-password', 'At least 8 characters');
    const form = new Form('Create account', fields, async () => {
      await this.login.register(username.value, password.value, this.name());
      this.showOwn('Your account is made. Log in with it anywhere.');
    });
    return h('div', null, h('p.lead', null, guest === '' ? 'Keep your name and your progress, on any device.'
      : `Keep your name and your progress, ${guest}: without an account both end with this tab.`), form.root,
    this.elsewhere(form), guest !== '' && h('div.row.wrap', null, ...this.data(form)));
  }

  private loggingIn(guest: string): HTMLElement {
    const { username, password, fields } = credentials('current-password');
    const form = new Form('Log in', fields, async () => {
      await this.login.logIn(username.value, password.value);
      this.close();
    });
    return h('div', null, guest !== '' && h('p.lead', null, `What ${guest} has won as a guest stays with the guest.`), form.root,
      this.elsewhere(form));
  }

  /** The providers who let players in here, if there are any. By the form that creates, a guest becomes the account. */
  private elsewhere(form: Form): HTMLElement {
    const guest = this.title === REGISTER && this.login.session?.guest ? this.login.session : undefined;
    return this.ways(form, 'Continue with', guest);
  }

  /** @param player whose account gets an identity at the provider, if anybody's */
  private ways(form: Form, verb: string, player?: Session): HTMLElement {
    const ways = h('div.ways', { hidden: true });
    void providers().then((names) => {
      ways.replaceChildren(...names.map((name) => h('button.quiet', {
        type: 'button', onclick: () => void goTo(name, player).catch((e: unknown) => form.say(problem(e), true)),
      }, `${verb} ${name[0].toUpperCase()}${name.slice(1)}`)));
      show(ways, names.length > 0);
    }, () => {}); // without them there is still the form
    return ways;
  }

  /** What there is to do with all that is kept of a player. */
  private data(form: Form): HTMLElement[] {
    return [
      h('button.quiet', { type: 'button', onclick: () => void this.download().catch((e: unknown) => form.say(problem(e), true)) }, 'Download my data'),
      h('button.quiet.danger', { type: 'button', onclick: () => this.showDeletion() }, 'Delete account'),
    ];
  }

  private async download(): Promise<void> {
    const session = this.login.session!, file = new Blob([JSON.stringify(await exportAccount(session), null, 2)], { type: 'application/json' });
    const link = h<HTMLAnchorElement>('a', { href: URL.createObjectURL(file), download: 'muster-data.json' });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  /** Of whoever is logged in. */
  private showOwn(news = ''): void {
    const session = this.login.session!;
    this.title = 'Account';
    const name = h<HTMLInputElement>('input', { value: session.player.name, maxLength: 24, autocomplete: 'nickname', spellcheck: false });
    const form = new Form('Change name', [field('Name that others see', name)], async () => {
      await this.login.rename(name.value.trim());
      form.say('Others see it from now on.');
    });
    if (news !== '') form.say(news);
    const username = h('p.lead', null, '…');
    void account(session).then((a) => { username.textContent = known(a); }, () => { username.textContent = ''; });
    const act = (text: string, run: () => Promise<void>) => h('button.quiet', {
      type: 'button', onclick: () => void run().then(() => this.close(), (e: unknown) => form.say(problem(e), true)),
    }, text);
    this.body.replaceChildren(username, form.root, this.ways(form, 'Link', session), h('div.row.wrap', null,
      act('Log out', () => this.login.logOut()), act('Log out everywhere', () => this.login.logOut(true)),
      ...this.data(form)));
  }

  private showDeletion(): void {
    this.title = 'Delete account';
    const form = new Form('Delete it for good', [], async () => {
      await deleteAccount(this.login.session!);
      this.login.forget();
      this.close();
    });
    form.root.classList.add('danger');
    this.body.replaceChildren(h('p.lead', null, 'Your name, rating, matches, friends and mail are deleted. This cannot be taken back.'), form.root,
      h('div.row', null, h('button.quiet', { type: 'button', onclick: () => this.open() }, 'Keep it')));
  }
}

/** How the player logs in. */
function known(a: Account): string {
  const ways = a.username ? [`Logged in as ${a.username}`] : [];
  if (a.identities.length > 0) ways.push(`Linked to ${a.identities.map((i) => new URL(i.issuer).host).join(', ')}`);
  return ways.join('. ');
}

function credentials(kind: 'new-password' | 'current-password', hint = '') {
  const username = h<HTMLInputElement>('input', {
    name: 'username', required: true, maxLength: 24, autocomplete: 'username', autocapitalize: 'none', spellcheck: false,
  });
  const password = h<HTMLInputElement>('input', { name: 'password', type: 'password', required: true, autocomplete: kind });
  return { username, password, fields: [field('Username', username), field('Password', password, hint)] };
}

// Players among themselves: accounts, friends, parties, rooms, whispers, matches
// that are accepted, and what moderators do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asking, assertApart, assertFits, banner, boxes, complaints, guest, onScreen, open, shot, until, view } from './world.mjs';

test('a guest makes an account and is the same player, here and elsewhere', async () => {
  const refused = [], ada = await open('/', { to: refused });
  const dialog = ada.locator('dialog[open]'), status = dialog.locator('.status');
  await ada.evaluate(() => { localStorage.removeItem('muster.name'); sessionStorage.clear(); });
  await ada.reload();
  await ada.getByText('Free for all').waitFor();
  await ada.fill('#name', 'Countess');
  await ada.getByRole('button', { name: 'Log in' }).click();
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  const enter = async (username, password, action) => {
    await dialog.getByLabel('Username').fill(username);
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: action }).last().click();
  };
  await enter('countess', 'short', 'Create account');
  await status.filter({ hasText: 'at least 8 characters' }).waitFor();
  await shot('register', ada);
  await enter('countess', 'analytical engine', 'Create account');
  await dialog.getByText('Logged in as countess').waitFor();
  await shot('account', ada);
  await ada.keyboard.press('Escape');
  await ada.locator('.chip').filter({ hasText: 'Countess' }).waitFor();
  assert.equal(await ada.locator('#name').isVisible(), false, 'an account has a name');
  const player = await ada.evaluate(() => window.muster.player);

  await ada.reload();
  await ada.locator('.chip').filter({ hasText: 'Countess' }).click();
  await dialog.getByRole('button', { name: 'Log out', exact: true }).click();
  await ada.getByRole('button', { name: 'Log in' }).click();
  await enter('countess', 'difference engine', 'Log in');
  await status.filter({ hasText: 'do not belong together' }).waitFor();
  await enter('countess', 'analytical engine', 'Log in');
  await ada.locator('.chip').filter({ hasText: 'Countess' }).waitFor();
  assert.equal(await ada.evaluate(() => window.muster.player), player);
  await until('connected', async () => (await view(ada)).state === 'hall', ada);

  // All that is kept is theirs to take, and to delete.
  await ada.evaluate(() => {
    let text;
    URL.createObjectURL = (file) => { text = file.text(); return 'blob:'; };
    HTMLAnchorElement.prototype.click = function () { window.saved = text.then((t) => ({ name: this.download, text: t })); };
  });
  await ada.locator('.chip').filter({ hasText: 'Countess' }).click();
  await dialog.getByRole('button', { name: 'Download my data' }).click();
  await until('a file', () => ada.evaluate(() => window.saved !== undefined), ada);
  const saved = await ada.evaluate(() => window.saved);
  assert.equal(saved.name, 'muster-data.json');
  assert.ok(saved.text.includes(player), saved.text);
  await dialog.getByRole('button', { name: 'Delete account' }).click();
  await shot('delete', ada);
  await dialog.getByRole('button', { name: 'Delete it for good' }).click();
  await ada.getByRole('button', { name: 'Log in' }).click();
  await enter('countess', 'analytical engine', 'Log in');
  await status.filter({ hasText: 'do not belong together' }).waitFor();
  assert.ok(refused.every((t) => /status of 40[01]/.test(t)), refused.join('\n'));
  await ada.close();
});

test('friends see each other, chat in a party and play together', async () => {
  const ada = await guest('Ada'), dialog = (p) => p.locator('dialog[open]');
  await ada.getByRole('button', { name: 'Leaderboard' }).click(); // whoever looks is a guest from then on
  await dialog(ada).getByText(/players?( |$)|Nobody has played/).waitFor();
  await shot('boards', ada);
  await ada.keyboard.press('Escape');
  await until('connected', async () => (await view(ada)).state === 'hall', ada);

  const bob = await guest('Bob', `/#friend=${await ada.evaluate(() => window.muster.player)}`);
  await ada.bringToFront();
  await ada.getByRole('button', { name: 'Friends and party, 1 new' }).click();
  await dialog(ada).getByRole('button', { name: 'Accept' }).click();
  await dialog(ada).getByText('online').waitFor();
  await dialog(ada).getByRole('button', { name: 'Invite' }).click();
  await bob.bringToFront();
  await banner(bob).getByRole('button', { name: 'Join' }).click();
  await bob.getByText('leads your party').waitFor();
  assert.ok(await bob.getByRole('button', { name: 'Play', exact: true }).isDisabled(), 'the leader starts');

  await bob.getByRole('button', { name: 'Friends and party' }).click();
  await ada.bringToFront();
  await dialog(ada).getByLabel('Say something').fill('<i>hello</i>');
  await ada.keyboard.press('Enter');
  await dialog(bob).locator('.lines').getByText('<i>hello</i>').waitFor();
  await shot('party', ada);
  await ada.keyboard.press('Escape');
  await ada.locator('.mode').filter({ hasText: 'Free for all' }).click();
  await ada.getByRole('button', { name: 'Play together (2)' }).click();
  await onScreen('game', ada);
  await onScreen('game', bob);
  assert.equal(await dialog(bob).count(), 0, 'windows make way for the match');
  assert.equal((await view(bob)).match, (await view(ada)).match);
  await bob.close();
  await ada.close();
});

test('two meet in a room by its link, play, and are back in it', async () => {
  const ada = await guest('Ada'), dialog = (p) => p.locator('dialog[open]');
  await ada.getByRole('button', { name: 'Rooms' }).click();
  await dialog(ada).getByText('No such rooms just now').waitFor();
  await dialog(ada).getByRole('button', { name: 'Create a room' }).click();
  await dialog(ada).getByLabel('Title').fill('<b>Friday</b>');
  await dialog(ada).getByLabel('Mode').selectOption('arena-ffa');
  await dialog(ada).getByLabel('Seats').selectOption('4');
  await dialog(ada).getByLabel('Seconds of the round').fill('60');
  await dialog(ada).getByLabel('Frags that end it early').fill('1');
  await shot('room-create', ada);
  await dialog(ada).getByRole('button', { name: 'Create room' }).click();
  await onScreen('made', ada);
  assert.equal(await ada.innerText('.made h2'), '<b>Friday</b>');

  const cy = await guest('Cy');
  await cy.getByRole('button', { name: 'Rooms' }).click();
  await dialog(cy).getByText('<b>Friday</b>').waitFor();
  await dialog(cy).getByLabel('Search').fill('nothing like it');
  await dialog(cy).getByText('No such rooms just now').waitFor();

  const bob = await open(await ada.evaluate(() => location.pathname + location.hash));
  await onScreen('made', bob);
  await bob.locator('.made .say input').fill('here I am');
  await bob.keyboard.press('Enter');
  await ada.locator('.made .lines').getByText('here I am').waitFor();
  await ada.bringToFront();
  await ada.locator('.made .lines .name').click(); // to report it
  await dialog(ada).locator('blockquote').getByText('here I am').waitFor();
  await ada.keyboard.press('Escape');
  await ada.bringToFront();
  await ada.getByRole('button', { name: 'Start' }).click();
  await ada.locator('.made .status.bad').filter({ hasText: 'Not everybody is ready' }).waitFor();
  await ada.getByRole('button', { name: 'Add a bot to seat 3' }).click();
  await ada.getByRole('button', { name: 'Remove the bot of seat 3' }).waitFor();
  await bob.bringToFront();
  await bob.getByRole('button', { name: 'Ready', exact: true }).click();
  await ada.bringToFront();
  await ada.locator('.made .people').getByText('ready', { exact: true }).waitFor();
  await shot('made', ada);
  await ada.getByRole('button', { name: 'Start' }).click();
  await onScreen('game', ada);
  await onScreen('game', bob);
  assert.equal((await view(bob)).match, (await view(ada)).match);
  await shot('made-game', ada);

  await onScreen('result', ada);
  await shot('made-result', ada);
  await ada.locator('.places .name').click();
  await dialog(ada).getByRole('button', { name: 'Report' }).click();
  await shot('result-report', ada);
  await ada.keyboard.press('Escape');
  await ada.getByRole('button', { name: 'Back to the room' }).click();
  await onScreen('made', ada);
  assert.equal(await ada.getByRole('button', { name: 'Start' }).isEnabled(), true);
  await onScreen('result', bob);
  await bob.bringToFront();
  await bob.getByRole('button', { name: 'Leave' }).click();
  await onScreen('menu', bob);
  await until('the seat is open', async () => await ada.locator('.made .empty').count() === 2, ada);

  // Whoever comes again can be banned, and let in again.
  const name = await bob.locator('.chip .who').innerText();
  await bob.evaluate((hash) => { location.hash = hash; }, await ada.evaluate(() => location.hash));
  await onScreen('made', bob);
  await ada.bringToFront();
  await ada.getByRole('button', { name: `More about ${name}` }).click();
  await ada.getByRole('button', { name: 'Whisper, mute…' }).click();
  await dialog(ada).getByRole('button', { name: 'Add as friend' }).waitFor();
  await shot('person', ada);
  await ada.keyboard.press('Escape');
  await shot('made-more', ada);
  await ada.hold(400, 800);
  await shot('made-more-400', ada);
  await assertFits(ada, 'what there is to do with a member');
  await ada.hold(1280, 720);
  await ada.getByRole('button', { name: `Ban ${name}` }).click();
  await onScreen('menu', bob);
  await banner(bob).getByText('The host has banned you from the room.').waitFor();
  await ada.getByRole('button', { name: `Lift the ban of ${name}` }).waitFor();
  await shot('made-banned', ada);
  await ada.getByRole('button', { name: `Lift the ban of ${name}` }).click();
  await until('the ban is lifted', async () => await ada.getByText('Banned', { exact: true }).count() === 0, ada);

  // On a phone, upright and across, all of it is there.
  for (const [width, height] of [[400, 800], [800, 400]]) {
    await ada.bringToFront();
    await ada.hold(width, height);
    await shot(`made-${width}`, ada);
    await assertFits(ada, `the room at ${width}`);
  }
  await ada.evaluate(() => localStorage.setItem('muster.name', 'Somebody else')); // as another tab may
  await ada.reload();
  await onScreen('made', ada);
  await ada.locator('.made .people').getByText('Ada (you)').waitFor();
  await ada.getByRole('button', { name: 'Leave' }).click();
  await onScreen('menu', ada);
  assert.equal(await ada.evaluate(() => location.hash), '');
  for (const p of [ada, bob, cy]) await p.close();
});

/** The window that is open, that about friends, and that about a player, which opens above it. */
const top = (p) => p.locator('dialog[open]'), side = (p) => p.locator('dialog.side[open]'), person = (p) => p.locator('dialog.person[open]');

/** Both pages befriend: the second opens the first one's link. */
async function friends(ada, at) {
  await ada.getByRole('button', { name: 'Leaderboard' }).click();
  await ada.keyboard.press('Escape');
  await until('connected', async () => (await view(ada)).state === 'hall', ada);
  const bob = await open(`${at}/#friend=${await ada.evaluate(() => window.muster.player)}`);
  await ada.bringToFront();
  await ada.getByRole('button', { name: 'Friends and party, 1 new' }).click();
  await top(ada).getByRole('button', { name: 'Accept' }).click();
  await top(ada).getByText('online').waitFor();
  return [bob, await bob.locator('.chip .who').innerText()];
}

test('a whisper is answered, its line reported, and who whispers muted and blocked', async () => {
  const { url, moderate } = await asking(), ada = await guest('Ada', url), [bob, name] = await friends(ada, url);
  const whisper = async (p, text) => {
    await p.bringToFront();
    await person(p).getByLabel('Whisper something').fill(text);
    await p.keyboard.press('Enter');
    await person(p).locator('.mine').getByText(text).waitFor();
  };
  await ada.keyboard.press('Escape');
  await bob.bringToFront();
  await bob.getByRole('button', { name: /^Friends and party/ }).click();
  await side(bob).getByRole('button', { name: 'Whisper to Ada, and more' }).click();
  await whisper(bob, '<i>psst</i>');
  await shot('whisper', bob);
  await ada.bringToFront();
  await ada.getByRole('button', { name: 'Friends and party, 1 new' }).waitFor();
  await shot('whispered', ada);
  await banner(ada).getByText(`${name} whispers: <i>psst</i>`).waitFor();
  await banner(ada).getByRole('button', { name: 'Answer' }).click();
  await person(ada).locator('.lines').getByText('<i>psst</i>').waitFor();
  await whisper(ada, 'yes?');
  await person(bob).locator('.lines').getByText('yes?').waitFor();

  await person(ada).getByRole('button', { name, exact: true }).click();
  await person(ada).locator('blockquote').getByText('<i>psst</i>').waitFor();
  await person(ada).getByLabel('Tell the moderators').fill('whispers markup');
  await shot('report', ada);
  await ada.hold(400, 800);
  await shot('report-400', ada);
  await assertFits(ada, 'a report');
  await ada.hold(1280, 720);
  await person(ada).locator('button[type=submit]').filter({ hasText: 'Report' }).click();
  await person(ada).getByText('Reported.').waitFor();
  const { reports } = await moderate('GET', '/v1/reports');
  assert.deepEqual(reports.map((r) => [r.against.name, r.reason, r.channel, r.lines[0].text]), [[name, 'whispers markup', 'whisper', '<i>psst</i>']]);

  await person(ada).getByRole('button', { name: 'Mute' }).click();
  await person(ada).getByRole('button', { name: 'Unmute' }).waitFor();
  await whisper(bob, 'not heard');
  await ada.bringToFront();
  await person(ada).getByRole('button', { name: 'Unmute' }).click();
  await person(ada).getByRole('button', { name: 'Mute', exact: true }).waitFor();
  await whisper(bob, 'heard again');
  await person(ada).locator('.lines').getByText('heard again').waitFor();
  assert.equal(await person(ada).getByText('not heard').count(), 0);

  await ada.bringToFront();
  await person(ada).getByRole('button', { name: 'Block' }).click();
  await person(ada).getByRole('button', { name: 'Unblock' }).waitFor();
  await shot('blocked', ada);
  await ada.keyboard.press('Escape');
  await ada.getByRole('button', { name: 'Friends and party' }).click();
  await side(ada).getByText('Blocked and muted (1)').click();
  await side(ada).getByRole('button', { name: `About ${name}` }).waitFor();
  await shot('shunned', ada);
  await side(ada).getByRole('button', { name: `About ${name}` }).click();
  await person(ada).getByRole('button', { name: 'Unblock' }).click();
  await person(ada).getByRole('button', { name: 'Block', exact: true }).waitFor();
  for (const p of [ada, bob]) await p.close();
});

test('the page for any game accepts a match that was found', async () => {
  const { url } = await asking(), pages = [await open(`${url}/play/arena-duel`), await open(`${url}/play/arena-duel`)];
  for (const p of pages) await until('it is played', async () => (await p.evaluate(() => window.muster.seat)) >= 0, p);
  const [one, other] = await Promise.all(pages.map((p) => p.evaluate(() => window.muster.match)));
  assert.equal(one, other);
  for (const p of pages) await p.close();
});

test('a match that was found is accepted by all, or not played', async () => {
  const { url } = await asking(), ada = await guest('Ada', url), bob = await guest('Bob', url);
  const seek = async (p) => {
    await p.bringToFront();
    await p.locator('.mode').filter({ hasText: 'Duel' }).click();
    await p.getByRole('button', { name: 'Play', exact: true }).click();
  };
  const press = async (p, name) => {
    await p.bringToFront();
    await p.getByRole('button', { name, exact: true }).click();
  };
  await seek(ada);
  await seek(bob);
  await bob.getByText('A match was found').waitFor();
  await ada.getByText('2 players. Are you ready?').waitFor();
  await shot('offer', bob);
  await press(ada, 'Accept');
  await ada.getByText('1 of 2 have accepted…').waitFor();
  assert.equal(await ada.getByRole('button', { name: 'Decline' }).isVisible(), false, 'it is said already');
  await until('Bob sees that one has', async () => await bob.locator('.dots .here').count() === 1, bob);
  await shot('offer-accepted', ada);
  await press(bob, 'Decline');
  await onScreen('menu', bob);
  await ada.getByText('Looking for an opponent…').waitFor(); // on, with the time she has waited
  assert.equal(await ada.locator('.offer').isVisible(), false);

  await seek(bob);
  await bob.getByText('A match was found').waitFor();
  await bob.hold(400, 800);
  await shot('offer-400', bob);
  await assertFits(bob, 'an offer');
  assertApart(await boxes(bob, '.dots', '.left', '.offer .primary', '.offer .quiet'), 400, 800);
  await press(bob, 'Accept');
  await press(ada, 'Accept');
  await onScreen('game', ada);
  await onScreen('game', bob);
  assert.equal((await view(bob)).match, (await view(ada)).match);
  for (const p of [ada, bob]) await p.close();
});

test('a ban says until when, and why', async () => {
  const { url, moderate } = await asking(), refused = [], eve = await open(url, { to: refused });
  await eve.fill('#name', 'Eve');
  await eve.getByRole('button', { name: 'Leaderboard' }).click();
  await eve.keyboard.press('Escape');
  await until('connected', async () => (await view(eve)).state === 'hall', eve);
  const until_ = new Date(Date.now() + 3 * 86_400_000);
  await moderate('PUT', `/v1/players/${await eve.evaluate(() => window.muster.player)}/ban`, { until: until_.toISOString(), reason: 'insults' });
  const said = banner(eve).filter({ hasText: /You are banned until .*: insults/ });
  await said.waitFor();
  assert.ok((await said.innerText()).includes(String(until_.getFullYear())));
  assert.equal(await said.getByRole('button').count(), 0, 'there is nothing to do about it');
  await shot('banned', eve);
  await eve.getByRole('button', { name: 'Play', exact: true }).click();
  await eve.locator('.menu .status').filter({ hasText: /You are banned until .*: insults/ }).waitFor();
  assert.equal(await banner(eve).count(), 0, 'it is said once');
  await shot('banned-play', eve);
  assert.ok(refused.every((t) => /status of 40[13]|WebSocket/.test(t)), refused.join('\n'));
  await eve.close();
});

test('a provider lets players in, and makes a guest an account', async () => {
  const { url } = await asking(), grace = await open(url);
  await grace.getByRole('button', { name: 'Log in' }).click();
  await top(grace).getByRole('button', { name: 'Continue with Example' }).waitFor();
  await shot('provider', grace);
  await top(grace).getByRole('button', { name: 'Continue with Example' }).click();
  await grace.getByRole('link', { name: 'No' }).click();
  await banner(grace).getByText('You have not logged in there.').waitFor();
  await grace.getByRole('button', { name: 'Log in' }).click();
  await top(grace).getByRole('button', { name: 'Continue with Example' }).click();
  await grace.getByRole('link', { name: 'I am Grace' }).click();
  await grace.locator('.chip').filter({ hasText: 'Grace' }).waitFor();
  assert.equal(await grace.evaluate(() => location.search), '', 'nothing of it stays in the address');
  assert.equal(await grace.locator('.chip .tag').count(), 0, 'she is no guest');

  const gus = await guest('Gus', url);
  await gus.getByRole('button', { name: 'Leaderboard' }).click();
  await gus.keyboard.press('Escape');
  await until('connected', async () => (await view(gus)).state === 'hall', gus);
  const player = await gus.evaluate(() => window.muster.player);
  await gus.locator('.chip').filter({ hasText: 'guest' }).click();
  await top(gus).getByRole('button', { name: 'Continue with Example' }).click();
  await gus.getByRole('link', { name: 'I am Gus' }).click();
  await until('no guest any more', async () => await gus.locator('.chip .who').isVisible() && await gus.locator('.chip .tag').count() === 0, gus);
  assert.equal(await gus.evaluate(() => window.muster.player), player);
  for (const p of [grace, gus]) await p.close();
});

test('an account gets a login at a provider', async () => {
  const { url } = await asking(), hedy = await guest('Hedy', url), name = `hedy${Date.now() % 1e9}`;
  await hedy.getByRole('button', { name: 'Log in' }).click();
  await top(hedy).getByRole('button', { name: 'Create', exact: true }).click();
  await top(hedy).getByLabel('Username').fill(name);
  await top(hedy).getByLabel('Password').fill('a long password');
  await top(hedy).getByRole('button', { name: 'Create account' }).click();
  await top(hedy).getByText(`Logged in as ${name}`).waitFor();
  const player = await hedy.evaluate(() => window.muster.player);
  await top(hedy).getByRole('button', { name: 'Link Example' }).click();
  await hedy.getByRole('link', { name: 'I am Hedy' }).click();
  await hedy.locator('.chip').filter({ hasText: 'Hedy' }).click();
  await top(hedy).getByText(/Linked to 127/).waitFor();
  await shot('linked', hedy);
  await top(hedy).getByRole('button', { name: 'Log out', exact: true }).click();
  await hedy.getByRole('button', { name: 'Log in' }).click();
  await top(hedy).getByRole('button', { name: 'Continue with Example' }).click();
  await hedy.getByRole('link', { name: 'I am Hedy' }).click();
  await hedy.locator('.chip').filter({ hasText: 'Hedy' }).waitFor();
  assert.equal(await hedy.evaluate(() => window.muster.player), player);
  await hedy.close();
});

test('nothing was complained about', () => assert.deepEqual(complaints, []));

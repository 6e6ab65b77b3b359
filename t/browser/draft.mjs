// A draft is the person's own: it outlives a reload, the end of a session and
// a version that somebody else makes live, and replaces that only when told.

import { BASE, KEY, agent, clean, done, note, open, say, same, secret, signIn, v3 } from './lib.mjs';

const { context, page } = await open();
const ping = { after_minutes: 45, text: 'Still there?', max: 1 };
const made = await agent('Front desk', { ping });
const live = async () => (await v3('GET', `/v3/agents/${made.id}`)).version;
const canvas = `/ui/agents/${made.id}/canvas`;

async function set(on, label, value) {
  await on.getByRole('button', { name: /^Inactivity ping/ }).click();
  await on.getByLabel(label).fill(String(value));
  await on.keyboard.press('Tab');
}

const AFTER = 'Minutes of silence after our last message', MOST = 'At most, in one window';

await signIn(page);
await page.goto(BASE + canvas);
await page.getByText('v1 live').waitFor();
say(!(await page.getByText('unpublished').count()), 'nothing is changed to begin with');

// a reload; a session that ends

await set(page, MOST, 3);
await page.getByText('1 unpublished').waitFor();
await page.reload();
await page.getByText('1 unpublished').waitFor();
say(true, 'the draft outlives a reload');
await page.keyboard.press('Control+s');
const promote = page.getByRole('button', { name: 'Promote', exact: true });
await promote.waitFor();
await context.clearCookies();
await promote.click({ timeout: 5000 }).catch(() => note('another request was the first to notice'));
await page.getByText('Your session has ended').waitFor();
await page.getByLabel('API key').fill(KEY);
await page.keyboard.press('Enter');
await page.getByText('Your session has ended').waitFor({ state: 'detached' });
for (const one of await context.cookies()) secret(one.value);
same([await page.getByText('1 unpublished').count(), (await live()).version], [1, 1], 'and the end of its session');
await page.keyboard.press('Escape');

// another tab makes a version live

const other = await context.newPage();
await other.goto(BASE + canvas);
await other.getByText('1 unpublished').waitFor();
await other.getByText('More', { exact: true }).click();
await other.getByRole('button', { name: 'Discard the draft' }).click();
await set(other, AFTER, 60);
await other.keyboard.press('Control+s');
await other.getByLabel('Note, for the history').fill('an hour');
await other.keyboard.press('Enter');
await other.getByText('v2 live').waitFor();
await other.close();

await page.bringToFront();
await set(page, MOST, 4);
await page.keyboard.press('Control+s');
await page.getByRole('button', { name: 'Promote', exact: true }).click();
await page.getByText('v2 was promoted meanwhile').waitFor();
const theirs = page.getByRole('alert');
await theirs.getByRole('row', { name: /ping\.after_minutes 45 60/ }).waitFor();
await theirs.getByText('an hour').waitFor();
say(true, 'a refused save shows what they changed');
await clean(page, 'conflict');

// not resolved yet: neither a reload nor another save goes over theirs

await page.reload();
await page.getByText('v2 was promoted meanwhile').waitFor();
await page.reload();
await page.getByText('v2 was promoted meanwhile').waitFor();
await page.getByText('1 unpublished').waitFor();
say(await page.getByRole('button', { name: 'Save & promote' }).isDisabled(), 'first it has to be said what becomes of theirs');
same((await live()).definition.ping, { ...ping, after_minutes: 60 }, 'theirs stays live');

await page.getByRole('button', { name: 'Mine on top of theirs' }).click();
await page.keyboard.press('Control+s');
await page.getByRole('dialog').getByRole('row', { name: /ping\.max 1 4/ }).waitFor();
same(await page.getByRole('dialog').getByRole('row').count(), 2, 'mine on top of theirs changes what I changed, alone');
await page.getByRole('button', { name: 'Promote', exact: true }).click();
await page.getByText('v3 live').waitFor();
same((await live()).definition.ping, { after_minutes: 60, text: 'Still there?', max: 4 }, 'both are live');

// theirs is taken

await set(page, AFTER, 90);
await v3('POST', `/v3/agents/${made.id}/versions`, { definition: { ...(await live()).definition, ping: null } }, { 'if-match': '"3"' });
await page.keyboard.press('Control+s');
await page.getByRole('button', { name: 'Promote', exact: true }).click();
await page.getByRole('button', { name: 'Take theirs' }).click();
await page.getByText('v4 live').waitFor();
same([await page.getByText('unpublished').count(), await page.getByRole('button', { name: /^Inactivity ping/ }).count()], [0, 1], 'theirs is taken');

await done();

// Signing in, and what a session, a key that may only read, and a customer
// without conversations see.

import { BASE, KEY, READ_KEY, agent, clean, done, open, opened, say, same, secret, signIn } from './lib.mjs';

const { context, page } = await open();

await page.goto(`${BASE}/ui/`);
await page.getByLabel('API key').fill('sck_nonsense');
await page.getByRole('button', { name: 'Sign in' }).click();
await page.getByText('That key is not known.').waitFor();
await clean(page, 'sign in');
await signIn(page);

const cookie = (await context.cookies())[0];
same([cookie.name, cookie.httpOnly, cookie.secure, cookie.sameSite], ['__Host-sent_conv', true, true, 'Strict'], 'the cookie is kept as it should be');
const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage, cookie: document.cookie }));
say(!kept.includes(KEY) && !kept.includes(cookie.value), 'neither key nor session is where scripts can read it');

// the cookie opens /ui-api alone, and for this page alone

const status = (path, init) => page.evaluate(([to, how]) => fetch(to, how).then((answer) => answer.status), [path, init]);
same([await status('/ui-api/agents'), await status('/v3/agents')], [200, 401], 'the session is none for /v3');
const elsewhere = await context.newPage();
await elsewhere.goto(BASE.replace('127.0.0.1', 'localhost') + '/ui/');
await elsewhere.getByLabel('API key').waitFor();
const foreign = await elsewhere.evaluate((to) => fetch(to, { method: 'DELETE', mode: 'no-cors', credentials: 'include' }).then(() => 'sent', () => 'refused'), `${BASE}/ui-api/session`);
await elsewhere.close();
same([foreign, await status('/ui-api/session')], ['refused', 200], 'another site signs nobody out');

// signed out elsewhere, under an open page

await context.clearCookies();
await page.getByRole('link', { name: 'Webhooks' }).click();
await page.getByRole('dialog').getByText('Your session has ended').waitFor();
await clean(page, 'session over');
await page.getByLabel('API key').fill(KEY);
await page.keyboard.press('Enter');
await page.getByText('No webhook yet').waitFor();
say(await page.getByRole('dialog').count() === 0, 'signed in again, the page has what it asked for');
for (const one of await context.cookies()) secret(one.value);

await page.getByRole('button', { name: 'Sign out' }).click();
await page.getByLabel('API key').waitFor();
same(await status('/ui-api/session'), 401, 'signed out');

// a key that may only read

const made = await agent('Front desk');
const conversation = await opened('+14155550171', 'Anybody there?');
await signIn(page, READ_KEY);
await page.getByRole('link', { name: 'Front desk', exact: true }).waitFor();
say(await page.getByRole('button', { name: 'New agent' }).count() === 0, 'nothing to make with a key that reads');
await page.goto(`${BASE}/ui/agents/${made.id}/canvas`);
await page.getByRole('heading', { name: 'Front desk' }).waitFor();
say(await page.getByRole('button', { name: 'Save & promote' }).isDisabled() && await page.getByLabel('A window opens when').isDisabled(), 'its canvas can be looked at');
await page.goto(`${BASE}/ui/executions/${conversation.id}`);
await page.getByText('Anybody there?').waitFor();
same([await page.getByRole('button', { name: 'End it' }).count(), await page.getByRole('textbox', { name: 'Answer' }).count()], [0, 0], 'nothing to end or answer');
await page.getByRole('button', { name: 'Sign out' }).click();

// a customer for whom conversations are off

await signIn(page, process.env.OFF_KEY);
await page.getByRole('heading', { name: 'Settings' }).waitFor();
same(await page.getByRole('navigation').getByRole('link').allTextContents(), ['Webhooks', 'Phone', 'Settings'], 'no agents, no conversations in the menu');
same([await status('/ui-api/agents'), await status('/ui-api/conversations')], [403, 403], 'nor for who asks');
await page.goto(`${BASE}/ui/agents/${made.id}/canvas`);
await page.getByRole('heading', { name: 'Settings' }).waitFor();
say(true, 'an address of an agent leads nowhere');

await done();

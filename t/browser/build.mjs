// A person's walk through the page: by keyboard alone an agent is built and
// made live; a conversation is held on the phone; STOP ends it everywhere.

import { BASE, HOOK, clean, done, open, press, say, same, secret, signIn, tabTo, text, v3 } from './lib.mjs';

const { context, page } = await open();

await signIn(page);
await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();
await clean(page, 'no agents');

// no pointer from here on, until the agent is live

await press(page, 'Webhooks');
await page.getByRole('heading', { name: 'Webhooks', level: 1 }).waitFor();
await press(page, 'New webhook');
await press(page, 'Name', 'bot');
await press(page, 'Address', 'ftp://nowhere');
await page.keyboard.press('Enter');
await page.getByRole('dialog').getByText(/http/).first().waitFor();
say(true, 'an address is refused beside its field');
await page.keyboard.press('Shift+Tab');
await press(page, 'Address', HOOK);
await page.keyboard.press('Enter');
secret(await page.locator('code.secret').textContent());
await press(page, 'I have it');
await page.getByRole('row', { name: /bot/ }).waitFor();

await press(page, 'Agents');
await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();
await press(page, 'New agent');
await page.keyboard.type('Front desk');
await page.keyboard.press('Enter');
await page.getByRole('heading', { name: 'Front desk' }).waitFor();
await page.locator('.svelte-flow__node').first().waitFor();
say(!(await page.getByText('unpublished').count()), 'nothing is changed to begin with');
await press(page, 'Starter, SMS');
await press(page, 'Webhook bot');
await press(page, 'Inactivity ping');
await press(page, 'Minutes of silence', '45');
await press(page, 'What is sent', 'Are you still there?');
await page.keyboard.press('Tab');
await page.getByText('3 unpublished').waitFor();
say(true, 'three parts are changed');

await press(page, 'Compliance ending');
await page.keyboard.press('Delete');
say(await page.getByRole('button', { name: /^Compliance ending/ }).count() > 0, 'the ending stays');
for (let i = 0; i < 5; i++) await page.keyboard.press('Control+z');
await page.waitForFunction(() => !document.body.textContent.includes('unpublished'));
say(true, 'undone to the start');
for (let i = 0; i < 5; i++) await page.keyboard.press('Control+Shift+z');
await page.getByText('3 unpublished').waitFor();
await page.keyboard.press('Control+s');
await page.getByLabel('Note, for the history').waitFor();
await clean(page, 'save and promote');
await press(page, 'Note, for the history', 'pings sooner');
await page.keyboard.press('Enter');
await page.getByText('v2 live').waitFor();

const { agents: [agent] } = await v3('GET', '/v3/agents');
const { version: live } = await v3('GET', `/v3/agents/${agent.id}`);
same([live.version, live.note, live.definition.ping, live.definition.starters.map((one) => one.channel), live.definition.webhooks.length],
  [2, 'pings sooner', { after_minutes: 45, text: 'Are you still there?', max: 1 }, ['sms'], 1], 'what was built is live');

// a conversation

const texts = [text('Are you open today?'), text('Until six, and on Friday from nine.')];
await page.getByRole('link', { name: 'Phone' }).click();
await page.getByLabel('Message', { exact: true }).fill(texts[0]);
await page.getByRole('button', { name: 'Send' }).click();
await page.getByRole('log').getByText(texts[0]).waitFor();
await page.getByRole('link', { name: 'Conversations' }).click();
await page.getByRole('table').getByText('open').first().waitFor();
say(!(await page.textContent('main')).includes('+14155550199'), 'numbers are masked');
await page.getByRole('table').getByRole('link').first().click();
await page.getByText(texts[0]).waitFor();
await page.getByPlaceholder(/Answer/).fill(texts[1]);
await page.getByRole('button', { name: 'Send' }).click();
await page.getByText(texts[1]).first().waitFor();
await page.getByText(/webhook deliver.*delivered/).first().waitFor();
say(true, 'the webhook was told, and the page tells so');

// STOP, seen where nobody reloads: in the conversation, in the list

const list = await context.newPage(), phone = await context.newPage();
await list.goto(`${BASE}/ui/agents/${agent.id}/executions`);
await list.getByRole('row', { name: /open/ }).waitFor();
await phone.goto(`${BASE}/ui/phone`);
await phone.getByRole('log').getByText(texts[1]).waitFor();
say(true, 'the answer is on the phone');
await phone.getByRole('button', { name: 'Write STOP' }).click();
await phone.getByRole('log').getByText(/^STOP/).waitFor();
await page.getByText('STOP: the window ends').waitFor();
say(await page.getByPlaceholder(/Answer/).count() === 0, 'nothing more can be sent');
await list.bringToFront();
await list.getByRole('row', { name: /STOP/ }).waitFor();
say(true, 'the list shows it in its place');

await done();

// Every page: nothing that axe or the policy finds, in light and dark and on a
// phone; no sideways scrolling; what comes late does not push the rest away.

import { BASE, agent, clean, contact, done, hook, open, opened, same, say, signIn, still, text, v3 } from './lib.mjs';

const { page } = await open();
const bot = await hook();
const made = await agent('Front desk', {
  starters: [{ channel: 'sms', template: { name: 'appointment_confirm' }, parameters: { name: 'contact.name' } }],
  webhooks: [bot.id], ping: { after_minutes: 120, text: 'Still there?', max: 1 }, engine: { greeting: text('Hello there.') }, ending: { confirmation: text('You are opted out.'), keywords: ['BAJA'] },
});
const conversation = await opened('+16505550001', 'Can I come on Friday?');
await v3('POST', '/v3/conversations/messages', { to: conversation.contact, body: text('On Friday from nine.') });
await contact('+16505550001', 'See you then.', 'sms');
for (let i = 2; i < 9; i++) await opened(`+1650555000${i}`, 'Are you open today?', i % 2 ? 'sms' : 'rcs');
await v3('POST', `/v3/agents/${made.id}/versions`, { definition: { ...(await v3('GET', `/v3/agents/${made.id}`)).version.definition, ping: null }, note: 'no pings' }, { 'if-match': '"1"' });

const PAGES = {
  Agents: ['/ui/', (p) => p.getByRole('row', { name: /Front desk/ })],
  Canvas: [`/ui/agents/${made.id}/canvas`, (p) => p.locator('.svelte-flow__node, .canvas .btn').last()],
  Versions: [`/ui/agents/${made.id}/versions/1..2`, (p) => p.getByRole('row', { name: /no pings/ })],
  Executions: [`/ui/agents/${made.id}/executions`, (p) => p.getByRole('row', { name: /open/ }).first()],
  Conversations: ['/ui/executions?status=all', (p) => p.getByRole('row', { name: /open/ }).first()],
  'Conversations, one': [`/ui/executions/${conversation.id}`, (p) => p.getByText(/webhook deliver/).last()],
  Webhooks: ['/ui/webhooks', (p) => p.getByRole('row', { name: /bot/ })],
  'Webhooks, one': [`/ui/webhooks/${bot.id}`, (p) => p.getByText('conversation.started').first()],
  Phone: ['/ui/phone?from=%2B16505550001', (p) => p.getByText('See you then.')],
  Settings: ['/ui/settings', (p) => p.getByText('sandbox').first()],
  'no such page': ['/ui/nothing', (p) => p.getByRole('heading').first()],
};

await signIn(page);

for (const [name, [path, ready]] of Object.entries(PAGES)) {
  await page.setViewportSize({ width: 1440, height: 860 });
  await page.goto(BASE + path);
  await ready(page).waitFor();
  await still(page, name);
  await clean(page, name);
  if (name !== 'no such page') same(await page.title(), `${name.split(',')[0]} · sent_conv`, `title: ${name}`);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(BASE + path);
  await ready(page).waitFor();
  say(await page.evaluate(() => document.documentElement.scrollWidth <= 390), `no sideways scrolling on a phone: ${name}`);
  await clean(page, `${name}, on a phone`, false);
}

// what opens above a page

await page.setViewportSize({ width: 1440, height: 860 });
await page.goto(BASE + PAGES.Canvas[0]);
await PAGES.Canvas[1](page).waitFor();
await page.keyboard.press('?');
await page.getByRole('dialog').waitFor();
await clean(page, 'keys');
await page.keyboard.press('Escape');
await page.getByText('More', { exact: true }).click();
await clean(page, 'menu');
await page.getByRole('button', { name: 'Import JSON' }).click();
await clean(page, 'import');
await page.keyboard.press('Escape');
await page.goto(BASE + PAGES.Webhooks[0]);
await page.getByRole('button', { name: 'New webhook' }).click();
await clean(page, 'new webhook');
await page.keyboard.press('Escape');
await page.goto(BASE + PAGES['Conversations, one'][0]);
await page.getByRole('button', { name: 'End it' }).click();
await clean(page, 'end it');
await page.keyboard.press('Escape');
await page.getByText(/webhook deliver/).last().click();
await page.getByText('conversation.message_exchanged').last().click();
await page.getByRole('cell', { name: '200' }).first().waitFor();
await clean(page, 'attempts');

await done();

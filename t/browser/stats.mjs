// How busy agents are: in their list, on the canvas, over the conversations of
// each; as a chart, in words and as a table; live.

import fs from 'node:fs';
import { BASE, NUMBERS, agent, clean, contact, done, hook, open, opened, press, say, same, signIn, v3 } from './lib.mjs';

const { page } = await open();
const number = (n) => `+1650555${String(n).padStart(4, '0')}`;
const close = ({ id }) => v3('POST', `/v3/conversations/${id}/close`, {});

/** What it comes to be. */
async function become(look, wanted, name) {
  let found;
  for (let i = 0; i < 150; i++, await page.waitForTimeout(100)) {
    found = JSON.stringify(await look().catch(String));
    if (found === JSON.stringify(wanted)) break;
  }
  say(found === JSON.stringify(wanted), name, `${found}, not ${JSON.stringify(wanted)}`);
}

const deaf = await hook('deaf'), broken = await hook('broken', process.env.FAILS);
await v3('PUT', `/v3/webhooks/${broken.id}`, { retry_count: 1 });
const desk = await agent('Front desk', {
  trigger: { on: 'either', numbers: [NUMBERS.sms, NUMBERS.whatsapp] }, engine: { greeting: 'Welcome.' },
  starters: [{ channel: 'sms', template: { name: 'confirm' }, parameters: {} }],
});
await agent('Night desk', { trigger: { on: 'either', numbers: [NUMBERS.rcs] }, webhooks: [deaf.id] });

const first = await opened(number(1), 'I am the first.');
await contact(number(1), 'And once more.');
await opened(number(2), 'I am the second.', 'sms');
await contact(number(3), 'I am the third.', 'sms');
await contact(number(3), 'STOP', 'sms');
await close(first);
await v3('POST', `/v3/agents/${desk.id}/start`, { to: number(4) });

// the list

await signIn(page);
const line = (name) => page.getByRole('row', { name: new RegExp(name) }).evaluate((row) => [...row.cells].slice(1, 7).map((cell) => cell.textContent.trim()));
await become(() => line('Front desk'), ['v1', '1', '1', '5', '3', 'broken fails'], 'an agent in the list');
await become(() => line('Night desk'), ['v1', '0', '0', '0', '0', 'well'], 'one that nobody has written to');
await contact(number(5), 'By RCS.', 'rcs');
await become(() => line('Night desk'), ['v1', '1', '1', '1', '0', 'well'], 'it keeps up');
await clean(page, 'agents');
await shot('agents');

// over the conversations of one

await page.goto(`${BASE}/ui/agents/${desk.id}/executions`);
const tiles = () => page.locator('.tiles > div').evaluateAll((list) => list.map((tile) => `${tile.querySelector('dd').textContent} ${tile.querySelector('dt').textContent}`));
await become(tiles, [
  '1 open now', '1 active, last 15 min', '3 opened; 1 starter sent', '2 ended: 0 by time, 1 closed, 1 STOP', '5 messages in', '3 messages out',
], 'its tiles');
const chart = () => page.getByRole('img', { name: /^Messages/ }).getAttribute('aria-label').then((words) => words.replace(/, \d+ at most.*/, ''));
await become(chart, 'Messages, last 24 h: 5 inbound, 3 outbound', 'the chart in words');
await contact(number(2), 'Still there?', 'sms');
await become(chart, 'Messages, last 24 h: 6 inbound, 3 outbound', 'live');
await shot('executions');

// another range, by keyboard; it is in the address

await press(page, '7 days');
await become(chart, 'Messages, last 7 days: 6 inbound, 3 outbound', 'another range');
say(page.url().endsWith('?range=7d'), 'in the address', page.url());
await page.reload();
await become(chart, 'Messages, last 7 days: 6 inbound, 3 outbound', 'and after a reload');
same(await page.getByRole('button', { name: '7 days' }).getAttribute('aria-pressed'), 'true', 'the one that is shown');
same(await page.locator('figure svg g').count(), 28, 'its bars');

// as a table

await press(page, 'As a table');
const table = () => page.getByRole('region', { name: /as a table$/ }).locator('tbody tr').evaluateAll((list) => {
  const sum = [0, 0, 0, 0];
  for (const row of list) [...row.querySelectorAll('td')].forEach((cell, i) => (sum[i] += Number(cell.textContent)));
  return [list.length, ...sum];
});
await become(table, [28, 6, 3, 3, 2], 'the same as a table');
await clean(page, 'executions, with the table');
await page.setViewportSize({ width: 390, height: 800 });
say(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no wider than a phone');
await clean(page, 'executions on a phone');
await shot('phone');
await page.setViewportSize({ width: 1440, height: 860 });

// on the canvas

await page.goto(`${BASE}/ui/agents/${desk.id}/canvas`);
await page.locator('.svelte-flow__node').getByText('1 open').waitFor();
say(true, 'on the canvas, too');

await done();

/** To look at, where a folder is given. */
async function shot(name) {
  if (!process.env.SHOTS) return;
  fs.mkdirSync(process.env.SHOTS, { recursive: true });
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${process.env.SHOTS}/${name}-${colorScheme}.png` });
  }
  await page.emulateMedia({ colorScheme: null });
}

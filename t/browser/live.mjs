// What happens elsewhere is seen without a reload: rows change in their place,
// new ones wait to be asked for, and a gap in the line loses nothing.

import { BASE, agent, contact, done, note, open, opened, say, same, signIn, v3 } from './lib.mjs';

const { context, page } = await open();
const number = (n) => `+1650555${String(n).padStart(4, '0')}`;
const reply = (to) => v3('POST', '/v3/conversations/messages', { to, body: 'Yes.' });
const close = ({ id }) => v3('POST', `/v3/conversations/${id}/close`, {});
const rows = () => page.getByRole('table').locator('tbody tr:not([aria-hidden])').evaluateAll((list) => list.map((row) => [row.cells[0].textContent.slice(-4), row.cells[2].textContent, row.cells[5].textContent]));
const news = (n) => page.getByRole('button', { name: `${n} new · show` });

/** What the rows come to be. */
async function become(wanted, name) {
  let found;
  for (let i = 0; i < 300; i++, await page.waitForTimeout(100)) {
    found = JSON.stringify(await rows());
    if (found === JSON.stringify(wanted)) break;
  }
  say(found === JSON.stringify(wanted), name, `${found}, not ${JSON.stringify(wanted)}`);
}

await agent('Front desk');
const first = await opened(number(1), 'I am the first.'), second = await opened(number(2), 'I am the second.', 'sms');
await opened(number(3), 'I am the third.');

await signIn(page);
await page.goto(`${BASE}/ui/executions`);
await become([['0003', 'open', '1'], ['0002', 'open', '1'], ['0001', 'open', '1']], 'all that are open');
await page.getByText('Live', { exact: true }).waitFor();

await contact(number(1), 'And once more.');
await close(second);
await become([['0003', 'open', '1'], ['0002', 'closed', '1'], ['0001', 'open', '2']], 'rows change where they are');
await opened(number(4), 'I am the fourth.');
await news(1).waitFor();
same((await rows()).length, 3, 'a new one waits');
await news(1).click();
await become([['0004', 'open', '1'], ['0003', 'open', '1'], ['0001', 'open', '2']], 'until it is asked for');

// as one ends another opens: how many are open stays the same

await close(first);
await opened(number(5), 'I am the fifth.');
await become([['0004', 'open', '1'], ['0003', 'open', '1'], ['0001', 'closed', '2']], 'an ending that the count does not show');

// the filter is in the address, and what is live keeps to it

await page.getByLabel('Channel').selectOption('sms');
await page.getByText('No conversation is like that.').waitFor();
say(page.url().endsWith('/ui/executions?channel=sms'), 'the filter is in the address', page.url());
await opened(number(6), 'Not by SMS.');
await opened(number(7), 'By SMS.', 'sms');
await news(1).waitFor();
await page.reload();
await become([['0007', 'open', '1']], 'a reload keeps the filter');
await page.getByRole('button', { name: 'Historical' }).click();
await become([['0002', 'closed', '1']], 'and so does another');
await page.goBack();
await page.goto(`${BASE}/ui/executions?status=all`);
await page.getByRole('row', { name: /0001/ }).waitFor();

// a gap: what came meanwhile is there when the line is

const before = await rows();
await context.setOffline(true);
await page.getByText('Reconnecting').waitFor();
await contact(number(3), 'Are you there?');
await contact(number(3), 'Hello?');
await reply(number(4));
await context.setOffline(false);
await page.getByText('Live', { exact: true }).waitFor();
await become(before.map(([who, is, n]) => [who, is, who === '0003' ? '3' : n]), 'nothing is lost in a gap');

// a gap with more in it than is told one by one

let reset = false;
page.on('response', async (answer) => {
  if (answer.url().includes('/changes') && answer.status() === 200) reset ||= (await answer.json()).data.reset;
});
await context.setOffline(true);
await page.getByText('Reconnecting').waitFor();
const many = Array.from({ length: 120 }, (_, i) => number(100 + i));
await Promise.all(many.map((from) => contact(from, 'We are many.')));
await contact(number(7), 'Still me.', 'sms');
await context.setOffline(false);
await page.getByRole('button', { name: /new · show/ }).waitFor();
await become(before.map(([who, is, n]) => [who, is, who === '0003' ? '3' : who === '0007' ? '2' : n]), 'nor in a long one, and no row moves');
say(reset, 'the server said that it was long');
note(`then ${await page.getByRole('button', { name: /new · show/ }).textContent()}`);

// a page that nobody sees asks for nothing

const asked = [];
page.on('request', (request) => request.url().includes('/changes') && asked.push(request.url()));
await page.evaluate(() => {
  Object.defineProperty(document, 'hidden', { value: true, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
});
await page.getByText('Paused').waitFor();
await page.waitForTimeout(4000);
say(asked.length <= 1, 'a page that nobody sees asks for nothing', asked.length);
await contact(number(7), 'I know you are there.', 'sms');
await page.evaluate(() => {
  Object.defineProperty(document, 'hidden', { value: false, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
});
await become(before.map(([who, is, n]) => [who, is, who === '0003' || who === '0007' ? '3' : n]), 'and has it all when it is looked at');

await done();

// Ten thousand conversations in the list: what the page computes for each
// hundred of them, and while it just stands there.

import { BASE, contact, done, note, open, say, signIn, v3 } from './lib.mjs';

const WANTED = Number(process.env.MANY);

const { context, page } = await open();

await signIn(page);

const chrome = await context.newCDPSession(page);
await chrome.send('Performance.enable');

/** ms of scripts, and of layout and style, so far. */
async function spent() {
  const { metrics } = await chrome.send('Performance.getMetrics');
  const of = Object.fromEntries(metrics.map((one) => [one.name, one.value * 1000]));
  return { script: of.ScriptDuration, layout: of.LayoutDuration + of.RecalcStyleDuration };
}

const middle = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

await page.goto(`${BASE}/ui/executions`);
await page.getByRole('table').getByRole('link').first().waitFor();

const more = page.getByRole('button', { name: 'Load more' });
const scripts = [], layouts = [];
const counted = () => page.getByRole('table').getAttribute('aria-rowcount').then((n) => n - 1);
let shown = await counted();

while (shown < WANTED) {
  const before = await spent();
  await more.evaluate((button) => button.click());
  await page.waitForFunction((n) => document.querySelector('table').ariaRowCount - 1 > n, shown, { polling: 20 });
  await page.evaluate(() => new Promise((then) => requestAnimationFrame(() => setTimeout(then))));
  shown = await counted();
  const now = await spent();
  scripts.push(now.script - before.script);
  layouts.push(now.layout - before.layout);
}

say(shown === WANTED && !(await more.count()), `all ${WANTED} are in the list`, shown);
note(`a hundred more: ${middle(scripts).toFixed(1)} ms of scripts, ${middle(layouts).toFixed(1)} ms of layout; the last ten: ${middle(scripts.slice(-10)).toFixed(1)} and ${middle(layouts.slice(-10)).toFixed(1)}`);
say(middle(scripts) < 50, 'a hundred more are soon computed', `${middle(scripts)} ms`);
say(middle(scripts.slice(-10)) < 100, 'and so are the last ones', `${middle(scripts.slice(-10))} ms`);

// the countdowns go on, once a second

let before = await spent();
await page.waitForTimeout(4000);
let now = await spent();
const idle = (now.script - before.script) / 4, still = (now.layout - before.layout) / 4;
note(`a second of countdowns: ${idle.toFixed(1)} ms of scripts, ${still.toFixed(1)} ms of layout`);
say(idle < 150, 'ten thousand countdowns leave time for more', `${idle} ms in each second`);

// one of them changes, in its place; it can be scrolled to

const { conversations: [newest] } = await v3('GET', '/v3/conversations?status=open&page_size=1');
before = await spent();
await contact(newest.contact, 'And one thing more.');
await page.getByRole('row').nth(1).getByRole('cell').nth(5).getByText('2', { exact: true }).waitFor();
now = await spent();
note(`one that changes: ${(now.script - before.script).toFixed(1)} ms of scripts`);
say(now.script - before.script < 1000, 'one that changes is not all that change', `${now.script - before.script} ms`);
await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
await page.locator(`tr[aria-rowindex="${WANTED + 1}"]`).getByRole('link').click();
await page.getByText('The window opens').waitFor();
say(true, 'the last can be opened');

await done();

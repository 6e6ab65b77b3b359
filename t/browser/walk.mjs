// A person's walk through the page: an agent is built by keyboard alone, a
// conversation is held on the phone, STOP ends it everywhere.  Says "ok - ..."
// and, of what must not be in a log, "secret ..." and "text ...".

import fs from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const { BASE, KEY, HOOK } = process.env;

const say = (ok, name, why = '') => console.log(`${ok ? 'ok' : 'not ok'} - ${name}${ok ? '' : ` # ${why}`}`);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});
const context = await browser.newContext({ viewport: { width: 1440, height: 860 } });
const page = await context.newPage();
page.setDefaultTimeout(60000);

const faults = [];
page.on('pageerror', (error) => faults.push(String(error)));
await page.addInitScript(() => {
  window.__csp = [];
  document.addEventListener('securitypolicyviolation', (event) => window.__csp.push(`${event.violatedDirective} ${event.blockedURI}`));
});

async function clean(name) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  say(!found.violations.length, `accessible: ${name}`, found.violations.map((one) => `${one.id}: ${one.nodes[0].html}`).join(' | '));
  say(!(await page.evaluate(() => window.__csp)).length, `within its policy: ${name}`, JSON.stringify(await page.evaluate(() => window.__csp)));
}

async function tabTo(name) {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((text) => (document.activeElement?.textContent ?? '').trim().startsWith(text), name)) return true;
  }
  return false;
}

// signing in

await page.goto(`${BASE}/ui/`);
await page.getByLabel('API key').fill('sck_nonsense');
await page.getByRole('button', { name: 'Sign in' }).click();
await page.getByText('That key is not known.').waitFor();
await clean('sign in');
await page.getByLabel('API key').fill(KEY);
await page.keyboard.press('Enter');
await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();
say(!(await page.evaluate((key) => JSON.stringify({ ...localStorage, ...sessionStorage }).includes(key), KEY)), 'the key is not kept');
for (const cookie of await context.cookies(BASE)) console.log(`secret ${cookie.value}`);
await clean('no agents');

// a webhook

await page.getByRole('link', { name: 'Webhooks' }).click();
await page.getByRole('button', { name: 'New webhook' }).click();
await page.getByLabel('Name').fill('bot');
await page.getByLabel('Address').fill('ftp://nowhere');
await page.getByRole('button', { name: 'Save' }).click();
await page.getByRole('dialog').getByText(/http/).first().waitFor();
say(true, 'an address is refused beside its field');
await page.getByLabel('Address').fill(HOOK);
await page.getByRole('button', { name: 'Save' }).click();
console.log(`secret ${await page.locator('code.secret').textContent()}`);
await page.getByRole('button', { name: 'I have it' }).click();
await clean('webhooks');

// an agent, by keyboard alone

await page.getByRole('link', { name: 'Agents' }).click();
await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();
say(await tabTo('New agent'), 'New agent by Tab');
await page.keyboard.press('Enter');
await page.keyboard.type('Front desk');
await page.keyboard.press('Enter');
await page.getByRole('heading', { name: 'Front desk' }).waitFor();
await page.locator('.svelte-flow__node').first().waitFor();
say(!(await page.getByText('unpublished').count()), 'nothing is changed to begin with');
say(await tabTo('Starter, SMS'), 'a starter by Tab');
await page.keyboard.press('Enter');
say(await tabTo('Inactivity ping'), 'a ping by Tab');
await page.keyboard.press('Enter');
await page.getByLabel('Minutes of silence after our last message').focus();
await page.keyboard.press('Control+a');
await page.keyboard.type('45');
await page.keyboard.press('Tab');
await page.getByText('2 unpublished').waitFor();
say(true, 'two changes');
await clean('canvas');
await page.getByRole('button', { name: /^Compliance ending/ }).focus();
await page.keyboard.press('Enter');
await page.keyboard.press('Delete');
say(await page.getByRole('button', { name: /^Compliance ending/ }).count() > 0, 'the ending stays');
for (let i = 0; i < 3; i++) await page.keyboard.press('Control+z');
await page.waitForFunction(() => !document.body.textContent.includes('unpublished'));
say(true, 'undone to the start');
for (let i = 0; i < 3; i++) await page.keyboard.press('Control+Shift+z');
await page.getByText('2 unpublished').waitFor();
await page.reload();
await page.getByText('2 unpublished').waitFor();
say(true, 'the draft outlives a reload');
await page.keyboard.press('Control+s');
await page.getByLabel('Note, for the history').fill('pings sooner');
await clean('save and promote');
await page.keyboard.press('Enter');
await page.getByText('v2 live').waitFor();
say(true, 'live');

// two tabs

const other = await context.newPage();
await other.goto(page.url());
await other.getByRole('button', { name: /^Inactivity ping/ }).click();
await other.getByLabel('At most, in one window').fill('3');
await other.keyboard.press('Tab');
await other.getByText('1 unpublished').waitFor();
await page.getByRole('button', { name: /^Inactivity ping/ }).click();
await page.getByLabel('Minutes of silence after our last message').fill('60');
await page.keyboard.press('Tab');
await page.keyboard.press('Control+s');
await page.getByRole('button', { name: 'Promote', exact: true }).click();
await page.getByText('v3 live').waitFor();
await other.getByRole('button', { name: 'Save & promote' }).click();
await other.getByRole('button', { name: 'Promote', exact: true }).click();
await other.getByText('v3 was promoted meanwhile').waitFor();
await other.getByRole('button', { name: 'Keep mine, on top of theirs' }).click();
await other.getByRole('button', { name: 'Save & promote' }).click();
await other.getByRole('button', { name: 'Promote', exact: true }).click();
await other.getByText('v4 live').waitFor();
await other.close();
say(true, 'two tabs: theirs is shown, mine is kept');
await page.getByRole('link', { name: 'Versions' }).click();
await page.getByRole('button', { name: /Restore/ }).first().click();
await page.getByText('v5 is live').waitFor();
say(true, 'a former version is restored');
await clean('versions');

// a conversation

const texts = ['Are you open today? <b>x</b> שלום', 'Until six.'];
texts.forEach((text) => console.log(`text ${text}`));
await page.getByRole('link', { name: 'Phone' }).click();
await page.getByLabel('Message', { exact: true }).fill(texts[0]);
await page.getByRole('button', { name: 'Send' }).click();
await page.getByRole('log').getByText(texts[0]).waitFor();
await clean('phone');
await page.getByRole('link', { name: 'Conversations' }).click();
await page.getByRole('table').getByText('open').first().waitFor();
await clean('conversations');
say(!(await page.textContent('main')).includes('+14155550199'), 'numbers are masked');
await page.getByRole('table').getByRole('link').first().click();
await page.getByText(texts[0]).waitFor();
say(true, 'text is shown as text');
await page.getByPlaceholder(/Answer/).fill(texts[1]);
await page.getByRole('button', { name: 'Send' }).click();
await page.getByText(texts[1]).first().waitFor();
await clean('a conversation');
const conversation = page.url();

// STOP, seen where nobody reloads

const phone = await context.newPage();
await phone.goto(`${BASE}/ui/phone`);
await phone.getByRole('log').getByText(texts[1]).waitFor();
say(true, 'the answer is on the phone');
await phone.getByRole('button', { name: 'Write STOP' }).click();
await phone.close();
await page.getByText('STOP: the window ends').waitFor();
say(await page.getByPlaceholder(/Answer/).count() === 0, 'nothing more can be sent');

// the end of a window by the clock, dark, narrow

await page.emulateMedia({ colorScheme: 'dark' });
await page.goto(`${BASE}/ui/executions?status=all`);
await page.getByRole('table').getByRole('link').first().waitFor();
await clean('dark');
await page.setViewportSize({ width: 390, height: 844 });
await page.goto(conversation);
await page.getByText('STOP: the window ends').waitFor();
say(await page.evaluate(() => document.documentElement.scrollWidth <= 390), 'no sideways scrolling on a phone');
await clean('narrow');

await page.setViewportSize({ width: 1440, height: 860 });
await page.getByRole('button', { name: 'Sign out' }).click();
await page.getByLabel('API key').waitFor();
say(true, 'signed out');
say(!faults.length, 'no errors on the page', faults.join(' | '));

await browser.close();
console.log('done');

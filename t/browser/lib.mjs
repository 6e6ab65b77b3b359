// What the walks share: a browser, signing in, the API behind the page, and
// findings as t/lib/SentConv/Browser.pm reads them, one a line.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

export const { BASE, KEY, READ_KEY, HOOK } = process.env;
export const NUMBERS = JSON.parse(process.env.NUMBERS ?? '{}');

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const faults = [];

export { chromium };
export const browserArgs = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

let browser;

/** A finding; why: what was found in its place. */
export const say = (ok, name, why = '') => console.log(`${ok ? 'ok' : 'not ok'} - ${name}${ok ? '' : ` # ${String(why).replace(/\s+/g, ' ')}`}`);
export const same = (found, wanted, name) => say(JSON.stringify(found) === JSON.stringify(wanted), name, `${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
export const note = (text) => console.log(`note ${text}`);

/** What must stand in no log. */
export const secret = (text) => console.log(`secret ${text}`);
export const text = (words) => {
  words.split('\n').filter(Boolean).forEach((line) => console.log(`text ${line}`));
  return words;
};

/** A browser of its own, whose errors and breaches of the policy are kept. */
export async function open(options = {}) {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: browserArgs,
  });
  const context = await browser.newContext({ viewport: { width: 1440, height: 860 }, ...options });
  context.setDefaultTimeout(30000 * (process.env.TEST_NGINX_SCALE ?? 1));
  await context.addInitScript(() => {
    window.__csp = [];
    document.addEventListener('securitypolicyviolation', (event) => window.__csp.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  context.on('weberror', (error) => faults.push(String(error.error())));
  return { context, page: await context.newPage() };
}

/** Signs in on the page that asks for it, or for one that is named. */
export async function signIn(page, key = KEY, path = '/ui/') {
  await page.goto(BASE + path);
  await page.getByLabel('API key').fill(key);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  for (const cookie of await page.context().cookies()) secret(cookie.value);
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function accessible(page, name, rules) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const { violations } = await page.evaluate((runOnly) => window.axe.run({ runOnly }), rules);
  say(!violations.length, `accessible: ${name}`, violations.map((one) => `${one.id}: ${one.nodes[0].html}`).join(' | '));
}

/** Nothing that axe finds, in light and, of colors, in dark; nothing that the policy forbids. */
export async function clean(page, name, dark = true) {
  await accessible(page, name, RULES);
  if (dark) {
    await page.emulateMedia({ colorScheme: 'dark' });
    await accessible(page, `${name}, dark`, ['color-contrast']);
    await page.emulateMedia({ colorScheme: null });
  }
  const csp = await page.evaluate(() => window.__csp);
  say(!csp.length, `within its policy: ${name}`, csp.join(' | '));
}

/** How far what is shown has moved by itself since the page was opened. */
export async function still(page, name) {
  const moved = await page.evaluate(() => new Promise((then) => {
    let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((one) => (sum += one.hadRecentInput ? 0 : one.value))).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => then(sum), 300);
  }));
  say(moved < 0.05, `nothing moves by itself: ${name}`, moved.toFixed(3));
}

/** Tab, until what has the focus, or its label, begins with these words. */
export async function tabTo(page, words) {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate((start) => {
      const it = document.activeElement;
      return [it?.textContent, it?.getAttribute('aria-label'), ...[...(it?.labels ?? [])].map((label) => label.textContent)].some((name) => (name ?? '').trim().startsWith(start));
    }, words);
    if (found) return true;
  }
  say(false, `by Tab: ${words}`);
  return false;
}

/** The same, then Enter, or words in place of those that are there. */
export async function press(page, words, typed) {
  await tabTo(page, words);
  if (typed === undefined) return page.keyboard.press('Enter');
  await page.keyboard.press('Control+a');
  await page.keyboard.type(typed);
}

/** A call of /v3, as a server of the customer makes it. */
export async function v3(method, path, json, headers = {}) {
  const answer = await fetch(BASE + path, {
    method,
    headers: { 'x-api-key': KEY, 'content-type': 'application/json', ...headers },
    body: json === undefined ? undefined : JSON.stringify(json),
  });
  const body = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(body)}`);
  return body.data;
}

/** A contact writes, by way of the sandbox carrier. */
export const contact = (from, words, channel = 'whatsapp') =>
  v3('POST', '/sandbox/messages', { from, to: NUMBERS[channel], channel, text: text(words) });

/** The same, and the conversation that is open then. */
export async function opened(from, words, channel = 'whatsapp') {
  await contact(from, words, channel);
  return (await v3('GET', `/v3/conversations?status=open&contact=${encodeURIComponent(from)}`)).conversations[0];
}

const redis = (...argv) => execFileSync('redis-cli', ['-s', process.env.REDIS, ...argv.map(String)], { encoding: 'utf8' }).trim();

/** Its ping (p) or warning (x) is due now; minutes of silence are taken as past. */
export function due({ thread_id }, kind, minutes = 0) {
  const key = redis('KEYS', `sc:*:t:${thread_id}`);
  if (minutes) redis('HINCRBY', key, 'lo', -60000 * minutes);
  if (kind === 'x') redis('HSET', key, 'as', redis('HGET', key, 'as').split(' ').with(2, 86400000).join(' '));
  redis('ZADD', key.replace(/t:.*/, 'due'), 'XX', 1, `${kind}:${process.env.CUSTOMER}:${thread_id}`);
}

/** An agent with this definition, or what it changes of a plain one. */
export async function agent(name, change = {}) {
  const definition = {
    schema: 1, trigger: { on: 'either', numbers: [] }, starters: [], channels: ['whatsapp', 'sms', 'rcs'], webhooks: [],
    engine: { greeting: null, coalesce_seconds: 0, expiring_minutes: null }, ping: null, ending: { confirmation: null, keywords: [] }, ...change,
  };
  return (await v3('POST', '/v3/agents', { name, definition })).agent;
}

export const hook = (name = 'bot', url = HOOK) => v3('POST', '/v3/webhooks', { display_name: name, endpoint_url: url, event_types: ['conversation', 'message'] })
  .then((made) => (secret(made.signing_secret), made));

/** The last words of a walk: no error was thrown on any page. */
export async function done() {
  say(!faults.length, 'no errors on the page', faults.join(' | '));
  await browser.close();
  console.log('done');
}

// What Lighthouse says of the page, on a desktop and on a slow phone: scores
// to be looked at; what must hold is held by t/dashboard.t and t/browser.

import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import lighthouse, { desktopConfig } from 'lighthouse';
import { BASE, agent, browserArgs, chromium, hook, opened, signIn, v3 } from '../../browser/lib.mjs';

const bot = await hook();
const made = await agent('Front desk', { webhooks: [bot.id], ping: { after_minutes: 120, text: 'Still there?', max: 1 } });
let conversation;
for (let i = 0; i < 40; i++) conversation = await opened(`+165055500${10 + i}`, 'Are you open today?', ['sms', 'whatsapp', 'rcs'][i % 3]);
await v3('POST', '/v3/conversations/messages', { to: conversation.contact, body: 'Until six, and on Friday from nine.' });

// page: [path, least desktop performance, least mobile performance or null]
const PAGES = {
  agents: ['/ui/', 95, 90],
  executions: [`/ui/agents/${made.id}/executions`, 95, 90],
  conversation: [`/ui/executions/${conversation.id}`, 95, 90],
  canvas: [`/ui/agents/${made.id}/canvas`, 95, null],
};

const port = await new Promise((then) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => then(port));
  });
});
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sent_conv_page_'));
const context = await chromium.launchPersistentContext(folder, { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...browserArgs, `--remote-debugging-port=${port}`] });

await signIn(await context.newPage());

const rows = [];

async function score(name, uri, form, least) {
  const flags = { port, output: 'json', logLevel: 'silent', disableStorageReset: true, onlyCategories: ['performance', 'accessibility', 'best-practices'] };
  const { lhr } = await lighthouse(BASE + uri, flags, form === 'desktop' ? desktopConfig : undefined);
  const of = (category) => Math.round((lhr.categories[category].score ?? 0) * 100);
  const value = (audit, digits = 0) => (lhr.audits[audit].numericValue ?? 0).toFixed(digits);
  const found = [of('performance'), of('accessibility'), of('best-practices')];
  const ok = (least === null || found[0] >= least) && found[1] === 100 && found[2] === 100;
  rows.push([`${name}, ${form}`, found.join(' / '), `FCP ${value('first-contentful-paint')} ms, LCP ${value('largest-contentful-paint')} ms, TBT ${value('total-blocking-time')} ms, CLS ${value('cumulative-layout-shift', 3)}`, `${least ?? '-'} / 100 / 100`, ok ? 'yes' : 'NO']);
}

for (const [name, [uri, desktop, mobile]] of Object.entries(PAGES)) {
  await score(name, uri, 'desktop', desktop);
  await score(name, uri, 'mobile', mobile);
}

await context.close();
fs.rmSync(folder, { recursive: true, force: true });

const head = ['page', 'performance / accessibility / practices', 'beside', 'to reach', 'there'];
const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
for (const row of [head, ...rows]) console.log(`row ${row.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd()}`);
console.log('done');

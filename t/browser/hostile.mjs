// Texts that would be something else than text: on every page that shows
// them they are shown as they are, and nothing comes of them.

import { BASE, agent, clean, contact, done, hook, open, opened, say, same, signIn, text, v3 } from './lib.mjs';

const HTML = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script><b>bold</b>';
const RTL = '\u202egnp.exe \u2066\u2067שלום עולם\u0301\u0301\u0301 مرحبا';
const EMOJI = '😀'.repeat(4096);
const LONG = 'w'.repeat(4000);

const { context, page } = await open();
let asked = 0;
page.on('dialog', (dialog) => { asked++; void dialog.dismiss(); });

const bot = await hook(`${HTML.slice(0, 80)}`), made = await agent(`${HTML.slice(0, 60)} ${RTL}`, { webhooks: [bot.id], ping: { after_minutes: 5, text: HTML, max: 1 }, ending: { confirmation: RTL, keywords: ['<i>ADIÓS</i>'] } });
await v3('POST', `/v3/agents/${made.id}/versions`, { definition: { ...(await v3('GET', `/v3/agents/${made.id}`)).version.definition, ping: { after_minutes: 6, text: RTL, max: 1 } }, note: HTML + RTL }, { 'if-match': '"1"' });
const conversation = await opened('+16505550001', HTML);
await contact('+16505550001', RTL);
await v3('POST', '/v3/conversations/messages', { to: '+16505550001', body: text(EMOJI) });
await v3('POST', '/v3/conversations/messages', { to: '+16505550001', body: text(LONG) });

async function look(path, wanted, name) {
  await page.goto(BASE + path);
  for (const words of wanted) await page.waitForFunction((is) => document.body.textContent.includes(is) || [...document.querySelectorAll('input, textarea')].some((field) => field.value.includes(is)), words);
  const found = await page.evaluate(() => [window.hacked, document.querySelectorAll('main img, main script, main b:not([class])').length, document.documentElement.scrollWidth > innerWidth]);
  same(found, [null, 0, false], `text is text: ${name}`);
}

await signIn(page);
await look('/ui/', [HTML.slice(0, 60), RTL], 'agents');
await look(`/ui/agents/${made.id}/canvas`, [HTML.slice(0, 60), RTL, '<i>ADIÓS</i>'], 'canvas');
await clean(page, 'canvas with such texts');
await look(`/ui/agents/${made.id}/versions/1..2`, [HTML, RTL], 'versions');
await look(`/ui/executions/${conversation.id}`, [HTML, RTL, EMOJI, LONG], 'a conversation');
await clean(page, 'a conversation with such texts');
const bubbles = await page.locator('.message .text').evaluateAll((list) => list.map((one) => [one.textContent, one.scrollWidth <= one.clientWidth, getComputedStyle(one).direction]));
same(bubbles.map(([words]) => [...words].length), [HTML, RTL, EMOJI, LONG].map((words) => [...words].length), 'every character is there');
say(bubbles.every(([, fits]) => fits), 'each in its bubble');
await look(`/ui/webhooks/${bot.id}`, [HTML.slice(0, 80)], 'webhooks');
await page.locator('summary').first().click();
await page.getByText('"event"').first().waitFor();
await look('/ui/phone?from=%2B16505550001', [HTML, RTL, EMOJI, LONG], 'phone');

// written on the page as well: 4,096 characters, whatever they are made of

await page.goto(`${BASE}/ui/executions/${conversation.id}`);
await page.getByRole('textbox', { name: 'Answer' }).fill(text('🚀'.repeat(4096)));
await page.getByRole('button', { name: 'Send' }).click();
await page.getByText('🚀'.repeat(4096)).waitFor();
say(true, '4,096 emoji are sent');
await page.setViewportSize({ width: 390, height: 844 });
same(await page.evaluate(() => document.documentElement.scrollWidth <= 390), true, 'on a phone, too');
same([asked, await page.evaluate(() => window.hacked)], [0, null], 'and nothing came of them');

await done();

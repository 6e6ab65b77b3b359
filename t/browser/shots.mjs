// The pictures of README: a customer as there may be one, page by page.

import { BASE, agent, clean, contact, done, hook, open, opened, signIn, text, v3 } from './lib.mjs';

const OUT = process.env.OUT;
const say = (to, words, channel) => v3('POST', '/v3/conversations/messages', { to, body: text(words), ...(channel ? { channel } : {}) });

const bot = await hook('Booking bot');
await hook('CRM');
const definition = {
  starters: ['whatsapp', 'sms'].map((channel) => ({ channel, template: { name: 'appointment_confirm' }, parameters: { name: 'contact.name' } })),
  webhooks: [bot.id], ping: { after_minutes: 120, text: 'Still there?', max: 1 },
  engine: { greeting: text('Hello! This is the practice of Dr. Reed. How can we help?'), coalesce_seconds: 2, expiring_minutes: 30 },
  ending: { confirmation: text('You will not hear from us again. START brings us back.'), keywords: ['BAJA', 'ARRÊT'] },
};
const made = await agent('Appointment desk', definition);

const ann = '+14155550117';
await opened(ann, 'Hi, can I move my appointment to Friday?', 'sms');
await say(ann, 'Of course. On Friday we have 9:00 and 14:30, which one suits you?');
await contact(ann, 'Sorry, I am on WhatsApp now. 14:30 please', 'whatsapp');
await say(ann, 'Done: Friday, 14:30. See you then!');
await contact(ann, 'Thank you!', 'whatsapp');

const others = [['whatsapp', 'Are you open on Saturday?'], ['sms', 'I need a new prescription'], ['rcs', 'Where can I park?'], ['sms', 'Do you take walk-ins?'], ['whatsapp', 'Bonjour, parlez-vous français ?'], ['rcs', 'שלום, מתי אתם פתוחים?'], ['sms', 'Running ten minutes late'], ['whatsapp', 'Can you send me the address?'], ['sms', 'How long does it take?']];
for (const [i, [channel, words]] of others.entries()) {
  const conversation = await opened(`+1415555012${i}`, words, channel);
  if (i % 4 !== 3) await say(conversation.contact, 'One moment, please.');
  if (i % 3 === 0) await contact(conversation.contact, 'And one thing more.', channel);
  if (i === 6) await v3('POST', `/v3/conversations/${conversation.id}/close`, {});
  if (i === 8) await contact(conversation.contact, 'STOP', channel);
}
await v3('POST', `/v3/agents/${made.id}/versions`, { note: 'pings sooner', definition: { ...(await v3('GET', `/v3/agents/${made.id}`)).version.definition, ping: { after_minutes: 45, text: 'Still there? We can also call you.', max: 2 } } }, { 'if-match': '"1"' });

const { page } = await open({ viewport: { width: 1280, height: 760 } });

async function shoot(name) {
  await page.evaluate(() => document.activeElement?.blur());
  await page.mouse.move(1279, 400);
  await page.waitForTimeout(400);
  await page.screenshot({ path: `${OUT}/${name}.png` });
  await clean(page, name);
}

await signIn(page);

await page.goto(`${BASE}/ui/agents/${made.id}/canvas`);
await page.locator('.svelte-flow__node').last().waitFor();
await page.getByRole('button', { name: /^24-hour engine/ }).click();
await shoot('canvas');

await page.getByRole('button', { name: 'Simulate' }).click();
await page.getByRole('button', { name: 'Play', exact: true }).click();
const happened = page.getByRole('list', { name: 'What happens' });
await happened.getByRole('button').first().waitFor();
await happened.locator('summary').getByText('conversation.started').click();
await happened.getByText('"conversation.started"').first().scrollIntoViewIfNeeded();
await shoot('simulator');

await page.goto(`${BASE}/ui/agents/${made.id}/executions?status=all`);
await page.getByRole('row', { name: /STOP/ }).waitFor();
await shoot('executions');

await page.getByRole('row', { name: /0117/ }).getByRole('link').first().click();
await page.getByText('Thank you!').waitFor();
await page.getByText(/webhook deliver.*, delivered/).last().waitFor();
await shoot('conversation');

await page.goto(`${BASE}/ui/phone?from=${encodeURIComponent(ann)}`);
await page.emulateMedia({ colorScheme: 'dark' });
await page.getByRole('log').getByText('Thank you!').waitFor();
await page.getByLabel('Message', { exact: true }).fill('See you on Friday');
await page.waitForTimeout(400);
await page.screenshot({ path: `${OUT}/phone.png` });

await done();

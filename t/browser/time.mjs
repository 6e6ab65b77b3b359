// Time as the page tells it: the server's, whatever the browser's clock says;
// a ping and a warning where they belong; what is offered when time is over.

import { BASE, agent, contact, done, due, hook, open, opened, say, same, signIn, text, v3 } from './lib.mjs';

const DAY = 25 * 3600000;
const composer = (page) => page.getByRole('textbox', { name: 'Answer' });

await hook();
const made = await agent('Front desk', { ping: { after_minutes: 90, text: text('Are you still there?'), max: 1 }, engine: { greeting: text('Hello, this is a machine.'), expiring_minutes: 30 } });
const conversation = await opened('+16505550001', 'Is this a machine?');

// a browser whose clock is a day ahead

const wrong = await open();
await wrong.page.clock.install({ time: Date.now() + DAY });
await signIn(wrong.page);
await wrong.page.goto(`${BASE}/ui/executions/${conversation.id}`);
await wrong.page.getByText(/^\s*23 h 5\d m/).waitFor();
say(await composer(wrong.page).isVisible(), 'the server\'s clock counts, not the browser\'s');
await wrong.context.close();

// a ping, a warning: when they are due, in one line with the rest

const { context, page } = await open();
let ahead = 0;
await context.route('**/ui-api/**', async (route) => {
  const response = await route.fetch();
  await route.fulfill({ response, headers: { ...response.headers(), date: new Date(Date.now() + ahead).toUTCString() } });
});
await page.clock.install();
await signIn(page);
await page.goto(`${BASE}/ui/executions/${conversation.id}`);
await page.getByText('Hello, this is a machine.').waitFor();
await v3('POST', '/v3/conversations/messages', { to: conversation.contact, body: text('It is, and it listens.') });
await page.getByText('It is, and it listens.').waitFor();
due(conversation, 'p', 90);
await page.getByText('No answer for a while: a ping').waitFor();
await page.getByText('Are you still there?').waitFor();
due(conversation, 'x');
await contact(conversation.contact, 'Now by SMS.', 'sms');
await page.getByText('Now on SMS').waitFor();
await page.getByText(/webhook deliver/).last().waitFor();
await page.getByRole('list', { name: 'What happened' }).getByText(/webhook deliver/).evaluateAll((list) => list.forEach((one) => one.closest('details').open = true));
await page.getByText('conversation.inactive').waitFor();
await page.getByText('conversation.expiring').waitFor();
const line = await page.getByRole('list', { name: 'What happened' }).innerText();
const order = ['The window opens', 'Is this a machine?', 'Hello, this is', 'It is, and', 'a ping', 'Are you still', 'Now on SMS', 'Now by SMS.'].map((words) => line.indexOf(words));
same([...order].sort((a, b) => a - b), order, 'one line, in its order');
say(order.every((at) => at >= 0), 'with all of it', order);

// each attempt of a delivery can be looked at

await page.getByText('conversation.inactive').click();
await page.getByRole('cell', { name: '200' }).first().waitFor();
say(true, 'with its attempts');

// 25 hours later, by a server that has not ended it yet

const list = await context.newPage();
await list.clock.install();
await list.goto(`${BASE}/ui/agents/${made.id}/executions`);
await list.getByText(/23 h 5\d m/).waitFor();
await page.bringToFront();
ahead = DAY;
for (const one of [page, list]) await one.clock.fastForward('25:00:00');
await list.bringToFront();
await list.getByText('ending…').waitFor();
say(true, 'a row whose time is over is about to end');
await page.bringToFront();
await page.getByText('The window is over: nothing can be written freely.').waitFor();
same(await composer(page).count(), 0, 'nothing can be written to a window that is over');
await page.getByRole('button', { name: 'Send the template' }).waitFor();
await page.getByLabel('name', { exact: true }).fill('Ann');
await page.getByRole('button', { name: 'Send the template' }).click();
await page.getByText('It is on its way.').waitFor();
const { messages } = await v3('GET', `/v3/conversations/${conversation.thread_id}`);
say(messages[0].template_name === 'appointment_confirm', 'a template is the next step', JSON.stringify(messages[0]));

await done();

// A draft that is not saved is played: steps are written, what happens is read
// one by one with its way over the canvas, and the bodies that webhooks get.

import { BASE, READ_KEY, agent, clean, done, hook, open, press, same, say, signIn, tabTo, text } from './lib.mjs';

const { page } = await open({ reducedMotion: 'reduce' });
const bot = await hook();
const made = await agent('Front desk', { webhooks: [bot.id], engine: { greeting: text('Hello there.') } });

await signIn(page);
await page.goto(`${BASE}/ui/agents/${made.id}/canvas`);
await page.locator('.svelte-flow__node').first().waitFor();

const happened = page.getByRole('list', { name: 'What happens' });
const passed = () => page.locator('.side .label').filter({ hasText: 'passed' }).allTextContents();

// by keyboard: a ping is added, not saved, and the sample played

await press(page, 'Inactivity ping');
await press(page, 'Minutes of silence', '45');
await press(page, 'What is sent', text('Still there?'));
await page.keyboard.press('Tab');
await page.getByText('unpublished').waitFor();
await press(page, 'Simulate');
await page.getByRole('heading', { name: 'Simulator' }).waitFor();
await clean(page, 'simulator');
await tabTo(page, 'Play');
await page.keyboard.press('Enter');
await happened.getByText('The ping, after silence').waitFor();
same(await happened.locator('b').allTextContents(), ['The contact writes', 'Time passes: 2h', 'The ping, after silence', 'The contact writes'], 'what happens, in order of time');
same(await passed(), ['Trigger · passed', 'Channels · passed', '24-hour engine · passed', 'Webhook · passed'], 'the first step opens a window');
say(await page.locator('.svelte-flow__edge.trod').count() === 3, 'its way is lit on the canvas', await page.locator('.svelte-flow__edge.trod').count());
await happened.locator('.message').getByText('Hello there.').waitFor();
await happened.locator('summary').getByText('conversation.started').click();
const body = JSON.parse(await happened.locator('details[open] pre').textContent());
same([body.event, body.payload.agent_version, body.payload.lead.name], ['conversation.started', 2, 'Sam Example'], 'the body, as it would be sent');
await clean(page, 'what happens');

await happened.getByRole('button', { name: /The ping/ }).click();
say(await page.locator('.svelte-flow__node.selected, .node.ping.trod').count() > 0, 'the ping is lit');
await happened.locator('.message').getByText('Still there?').waitFor();
await happened.getByRole('button', { name: /The contact writes.*opted out/ }).click();
same((await passed()).at(-1), 'Compliance ending · passed', 'STOP goes to the ending');
await happened.locator('summary').getByText('conversation.ended').waitFor();

// what is wrong stands beside its step

const wait = page.getByLabel('Time passes');
await wait.fill('3 days');
say(await page.getByRole('button', { name: 'Play again' }).count() > 0, 'what was played is not this any more');
await page.getByRole('button', { name: 'Play again' }).click();
await page.getByRole('alert').getByText(/must be a number/).waitFor();
await wait.fill('24h');
await page.getByRole('button', { name: 'Play', exact: true }).click();
await happened.getByText('The 24 hours are over').waitFor();
say(!(await page.getByRole('alert').count()), 'and goes when it is right');

// samples, and steps of one's own; texts are texts

await page.getByRole('button', { name: 'A burst' }).click();
await page.getByRole('button', { name: '+ You answer' }).click();
await page.getByLabel('You answer').fill(text('<img src=x onerror="window.hit=1"> \u202etxt'));
await page.getByRole('button', { name: 'Remove step 3' }).click();
await page.getByRole('button', { name: 'Play again' }).click();
await happened.getByText('You answer').click();
await happened.locator('.message').getByText('<img src=x').waitFor();
say(await page.evaluate(() => window.hit === undefined), 'nothing of a text is run');

// a draft with errors is not played

await page.getByRole('button', { name: /^Channels/ }).first().click();
await page.getByRole('button', { name: 'Close' }).click();
for (const box of await page.getByRole('checkbox').all()) await box.uncheck();
await page.getByRole('button', { name: 'Simulate' }).click();
await page.getByRole('button', { name: 'Play again' }).click();
await page.getByText('The draft has errors').waitFor();
say(true, 'errors are told where they are');

// on a phone, and with a key that may read

await page.setViewportSize({ width: 390, height: 844 });
say(await page.evaluate(() => document.documentElement.scrollWidth <= 390), 'no sideways scrolling on a phone');
await clean(page, 'on a phone', false);

const { page: reader } = await open();
await signIn(reader, READ_KEY, `/ui/agents/${made.id}/canvas`);
await reader.getByRole('button', { name: 'Simulate' }).waitFor();
say(await reader.getByRole('button', { name: 'Simulate' }).isDisabled(), 'not for a key that may read');

await done();

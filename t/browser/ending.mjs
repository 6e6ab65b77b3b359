// The end of a window, seen as it comes; and the other ends there are.

import { BASE, agent, clean, contact, done, open, opened, say, same, signIn, v3 } from './lib.mjs';

const { context, page } = await open();

await agent('Front desk');
await signIn(page);
const short = await opened('+16505550001', 'I have little time.');
await page.goto(`${BASE}/ui/executions/${short.id}`);
await page.getByRole('textbox', { name: 'Answer' }).waitFor();
await page.getByText(/^\s*0 m 0[0-9] s/).waitFor();
say(true, 'the time that is left is counted down');
await page.getByText('The window ends: 24 hours over').waitFor();
same(await page.getByRole('textbox', { name: 'Answer' }).count(), 0, 'the composer ends with the window');
await page.getByText('There is no template of yours').waitFor();
await clean(page, 'the end of a window');

// another window of that contact

const next = await opened('+16505550001', 'And again.');
await page.reload();
await page.getByRole('link', { name: 'The contact has another that is open' }).click();
await page.waitForURL(`**/ui/executions/${next.id}`);
say(true, 'the open window of the same contact is offered');

// by hand

await page.getByRole('button', { name: 'End it' }).click();
await page.getByRole('button', { name: 'Back' }).click();
same((await v3('GET', `/v3/conversations/${next.id}`)).conversation.status, 'OPEN', 'it is asked for once more');
await page.getByRole('button', { name: 'End it' }).click();
await page.getByRole('button', { name: 'End the conversation' }).click();
await page.getByText('The window ends: closed').waitFor();

// STOP, and START

const stop = await opened('+16505550002', 'Hello?');
await contact('+16505550002', 'STOP');
await page.goto(`${BASE}/ui/executions/${stop.id}`);
await page.getByText('nothing more may be sent until they write START').waitFor();
say(await page.getByRole('button', { name: /Send/ }).count() === 0, 'after STOP nothing is offered');
await contact('+16505550002', 'START');
await page.reload();
await page.getByRole('link', { name: 'The contact has another that is open' }).waitFor();
say(true, 'after START there is');

await done();

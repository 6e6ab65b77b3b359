// The canvas with a pointer, and what else it can: moving, tidying, JSON out
// and in, badges of what is wrong, names, the end of an agent, its versions.

import fs from 'node:fs';
import { BASE, agent, done, hook, open, say, same, signIn, v3 } from './lib.mjs';

const { context, page } = await open({ acceptDownloads: true, permissions: ['clipboard-read', 'clipboard-write'] });
const bot = await hook();
await agent('Night desk', { trigger: { on: 'inbound', numbers: [JSON.parse(process.env.NUMBERS).rcs] } });
const made = await agent('Front desk', { webhooks: [bot.id], ping: { after_minutes: 45, text: 'Still there?', max: 1 } });
const read = async () => v3('GET', `/v3/agents/${made.id}`);
const node = (id) => page.locator(`.svelte-flow__node[data-id="${id}"]`);
const more = async (name) => {
  await page.getByText('More', { exact: true }).click();
  await page.getByRole('button', { name, exact: true }).click();
};
const unpublished = (n) => page.getByText(n ? `${n} unpublished` : 'v1 live').waitFor();

await signIn(page);
await page.goto(`${BASE}/ui/agents/${made.id}/canvas`);
await node('ending').waitFor();
same(await page.locator('.svelte-flow__node').count(), 6, 'the steps are nodes');

// by pointer: what is chosen, where it stands; that makes no version

await node('ping').click();
await page.getByLabel('What is sent').waitFor();
say(await page.getByRole('button', { name: /^Inactivity ping/ }).getAttribute('aria-pressed') === 'true', 'a node that is clicked is chosen in the steps, too');
const from = await node('ping').boundingBox();
await page.mouse.move(from.x + 60, from.y + 20);
await page.mouse.down();
await page.mouse.move(from.x + 100, from.y + 90, { steps: 8 });
await page.mouse.up();
await page.waitForFunction((id) => fetch(`/ui-api/agents/${id}`).then((answer) => answer.json()).then((body) => !!body.data.agent.layout?.ping), made.id);
same([await page.getByText('unpublished').count(), (await read()).agent.live_version], [0, 1], 'a place is no version');
await page.reload();
await node('ping').waitFor();
await page.waitForTimeout(300);
const moved = (await read()).agent.layout.ping;
await more('Tidy up');
await page.waitForFunction((id) => fetch(`/ui-api/agents/${id}`).then((answer) => answer.json()).then((body) => !body.data.agent.layout?.ping), made.id);
say(moved.length === 2, 'and is tidied up again');

// what is wrong is told at its step, by page and by server

await node('trigger').click();
await page.getByRole('checkbox', { name: /RCS/ }).check();
await page.getByRole('button', { name: /^Trigger.*Another agent has this number/s }).waitFor();
say(await node('trigger').getByText('!').count() === 1, 'what only the server knows is a badge, too');
await page.keyboard.press('Control+s');
await page.getByText('This cannot be saved yet:').waitFor();
say(await page.getByRole('button', { name: 'Promote', exact: true }).isDisabled(), 'and keeps it from being saved');
await page.getByRole('button', { name: 'Back' }).click();
await page.getByRole('button', { name: 'Undo' }).click();
await page.waitForFunction(() => !document.body.textContent.includes('unpublished'));
await page.getByRole('button', { name: 'Redo' }).click();
await unpublished(1);
await page.getByRole('button', { name: 'Undo' }).click();

// fields keep their own undo, the definition's is left alone

await node('ping').click();
await page.getByLabel('What is sent').fill('Anybody?');
await page.keyboard.press('Control+z');
await page.keyboard.press('Escape');
same(await page.getByRole('button', { name: /^Inactivity ping/ }).count() > 0, true, 'an undo in a field is the field\'s');
await page.reload();
await node('ping').click();

// JSON out, and in

const download = page.waitForEvent('download');
await more('Export JSON');
const file = await (await download).path(), exported = JSON.parse(fs.readFileSync(file, 'utf8'));
same(exported, (await read()).version.definition, 'an export is the definition');
await more('Import JSON');
for (const [bad, why] of [['{', 'This is not JSON.'], ['{"schema":1}', '“trigger” is missing'], [JSON.stringify({ ...exported, trigger: {} }), '“on” is missing'], [JSON.stringify({ ...exported, channels: ['fax'] }), 'A channel is']]) {
  await page.getByLabel(/^JSON/).fill(bad);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('dialog').getByText(why).first().waitFor();
}
say(true, 'what the canvas could not show is refused');
const changed = `${file}.changed.json`;
fs.writeFileSync(changed, JSON.stringify({ ...exported, ping: null }));
await page.getByLabel('A file of an export').setInputFiles(changed);
await page.waitForFunction(() => document.querySelector('dialog textarea').value.length > 10);
await page.getByRole('button', { name: 'Import', exact: true }).click();
await unpublished(1);
say(await node('ping').count() === 0, 'an import is the draft');
await page.locator('body').press('Control+z');
await node('ping').waitFor();
await page.locator('.svelte-flow__pane').click({ position: { x: 5, y: 5 } });
await page.keyboard.press('Control+c');
const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
same(copied, exported, 'Ctrl C copies it');
await page.evaluate((text) => navigator.clipboard.writeText(text), JSON.stringify({ ...copied, channels: ['sms'] }));
await page.keyboard.press('Control+v');
await unpublished(3);
say(true, 'Ctrl V makes another the draft');
await more('Discard the draft');
await page.waitForFunction(() => !document.body.textContent.includes('unpublished'));

// a removed step, versions, and back

await node('ping').click();
await page.keyboard.press('Delete');
await unpublished(1);
await page.keyboard.press('Control+s');
await page.getByRole('dialog').getByRole('row', { name: /ping/ }).waitFor();
await page.getByLabel('Note, for the history').fill('no more pings');
await page.keyboard.press('Enter');
await page.getByText('v2 live').waitFor();
await page.getByRole('link', { name: 'Versions' }).click();
await page.getByRole('row', { name: /no more pings/ }).waitFor();
await page.getByRole('button', { name: 'Restore v1' }).click();
await page.getByText('v3 is live, as v1 was').waitFor();
same([(await read()).version.definition, (await read()).version.restored_from], [exported, 1], 'a former version is restored as a new one');
await page.getByLabel('From').selectOption('2');
await page.getByLabel('To').selectOption('1');
await page.getByRole('heading', { name: 'What changed from v2 to v1' }).waitFor();
await page.reload();
await page.getByRole('heading', { name: 'What changed from v2 to v1' }).waitFor();
say(true, 'any two are compared, by their address');
await page.getByRole('button', { name: 'Look at v1' }).click();
await page.getByRole('definition').filter({ hasText: '45 min of silence' }).waitFor();
say(true, 'any one is looked at');

// on a phone the steps come first, and lead to what they are

await page.setViewportSize({ width: 390, height: 844 });
await page.getByRole('link', { name: 'Canvas' }).click();
await page.getByRole('button', { name: /^Inactivity ping/ }).click();
await page.waitForFunction(() => document.querySelector('#inspector-title').getBoundingClientRect().top < innerHeight - 150);
same(await page.locator('.svelte-flow').count(), 0, 'a phone shows the steps first');
await page.getByRole('button', { name: 'Show the canvas' }).click();
await node('ping').waitFor();
await page.setViewportSize({ width: 1440, height: 860 });

// its name, off and on, its end

await more('Rename');
await page.getByRole('dialog').getByLabel('Name').fill('Reception');
await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
await page.getByRole('heading', { name: 'Reception' }).waitFor();
await more('Switch the agent off');
await page.getByText('off', { exact: true }).waitFor();
same((await read()).agent.is_active, false, 'it is switched off');
await more('Archive');
await page.getByRole('button', { name: 'Archive it' }).click();
await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();
await page.getByRole('link', { name: 'Night desk', exact: true }).waitFor();
same(await page.getByText('Reception').count(), 0, 'an archived agent is not in the list');

await done();

// What a person does to a definition on the canvas: each edit gives the next
// definition, and changes nothing in the one it is given.

import type { Channel, Template } from './api';
import type { Definition, Starter } from './model';

export type Edit = (d: Definition) => Definition;

/** What a template wants is the contact's name, until it is said otherwise. */
const parameters = (template: Template | undefined, given: Record<string, string> = {}) =>
  Object.fromEntries((template?.parameters ?? []).map((name) => [name, given[name] ?? 'contact.name']));

export const addStarter = (channel: Channel, template?: Template): Edit => (d) =>
  d.starters.some((one) => one.channel === channel) ? d : {
    ...d,
    starters: [...d.starters, { channel, template: template ? { name: template.name } : {}, parameters: parameters(template) }],
  };

export const setStarter = (channel: string, change: Partial<Starter>): Edit => (d) =>
  ({ ...d, starters: d.starters.map((one) => (one.channel === channel ? { ...one, ...change } : one)) });

/** Another template; of its parameters those that were filled in stay. */
export const chooseTemplate = (channel: string, template: Template): Edit => (d) =>
  setStarter(channel, { template: { name: template.name }, parameters: parameters(template, d.starters.find((one) => one.channel === channel)?.parameters) })(d);

export const addWebhook = (id: string): Edit => (d) => (d.webhooks.includes(id) ? d : { ...d, webhooks: [...d.webhooks, id] });

export const addPing: Edit = (d) => (d.ping ? d : { ...d, ping: { after_minutes: 120, text: 'Still there?', max: 1 } });

/** Without the step of that id; the locked ones stay. */
export const removeStep = (id: string): Edit => (d) => {
  const [kind, what] = [id.split(':')[0], id.slice(id.indexOf(':') + 1)];
  if (kind === 'starter') return { ...d, starters: d.starters.filter((one) => one.channel !== what) };
  if (kind === 'webhook') return { ...d, webhooks: d.webhooks.filter((one) => one !== what) };
  return kind === 'ping' ? { ...d, ping: null } : d;
};

/** One part of the definition, or some members of one. */
export const set = <P extends 'trigger' | 'engine' | 'ending' | 'ping'>(part: P, change: Partial<NonNullable<Definition[P]>>): Edit => (d) =>
  d[part] === null ? d : { ...d, [part]: { ...d[part], ...change } };

export const toggleChannel = (channel: Channel, on: boolean): Edit => (d) =>
  ({ ...d, channels: (['whatsapp', 'sms', 'rcs'] as const).filter((one) => (one === channel ? on : d.channels.includes(one))) });

export const toggleNumber = (number: string, on: boolean): Edit => (d) =>
  set('trigger', { numbers: on ? [...new Set([...d.trigger.numbers, number])] : d.trigger.numbers.filter((one) => one !== number) })(d);

type Json = Record<string, unknown>;

const plain = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** What was changed from base to mine, done to theirs; where both changed the same, mine. */
export function reapply<T>(base: T, mine: T, theirs: T): T {
  if (same(base, mine)) return theirs;
  if (!plain(base) || !plain(mine) || !plain(theirs)) return mine;
  const names = new Set([...Object.keys(theirs), ...Object.keys(mine)]);
  return Object.fromEntries([...names].map((name) => [name, reapply(base[name], mine[name], theirs[name])]).filter(([, value]) => value !== undefined)) as T;
}

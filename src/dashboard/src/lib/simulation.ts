// A conversation that the module plays with a draft: the steps it is tried
// with, what is answered, and how that is told to people.

import type { Channel } from './api';
import type { Definition } from './model';

export type SimStep = { inbound: string; channel?: Channel } | { reply: string } | { wait: string } | { start: Channel };

export interface Played {
  /** Which of the steps it is of. */
  step: number;
  at: string;
  did: 'inbound' | 'reply' | 'start' | 'wait' | 'ping' | 'expiring' | 'burst_end' | 'expired';
  outcome: string | null;
  path: string[];
  messages: { direction: 'INBOUND' | 'OUTBOUND'; channel: Channel; text: string | null }[];
  webhooks: { webhook_id: string; event: string; body: { id: string } }[];
}

export const DID: Record<Played['did'], string> = {
  inbound: 'The contact writes',
  reply: 'You answer',
  start: 'The starter goes out',
  wait: 'Time passes',
  ping: 'The ping, after silence',
  expiring: 'About to expire',
  burst_end: 'The burst is over',
  expired: 'The 24 hours are over',
};

export const OUTCOMES: Record<string, string> = {
  OPENED: 'opens a window',
  CONTINUED: 'in the open window',
  STOPPED: 'opted out',
  REPORTED: 'opens nothing',
  FILTERED: 'not sent: opted out',
  CONVERSATION_001: 'refused: no open window',
  BUSINESS_007: 'refused: the channel is off',
  VALIDATION_005: 'refused: too long',
};

/** Conversations worth trying. */
export function samples(d: Definition): [string, SimStep[]][] {
  const hi = { inbound: 'Hi, are you open today?' };
  const list: [string, SimStep[]][] = [
    ['STOP', [hi, { wait: '2h' }, { inbound: 'STOP' }]],
    ['Silence', [hi, { reply: 'Yes, until six. When do you come?' }, { wait: '24h' }]],
    ['A burst', [hi, { inbound: 'I mean the shop' }, { inbound: 'on Main Street' }, { wait: '2m' }]],
  ];
  if (d.starters.length) list.push(['Starter', [{ start: d.starters[0]!.channel }, { wait: '10m' }, { inbound: 'Yes, please' }]]);
  return list;
}

/** The steps of the canvas that it went through, each with its place. */
export function passed(path: string[], d: Definition): Map<string, number> {
  const ids = path.map((id) => (id.startsWith('webhook:') && !d.webhooks.length ? 'webhook:*' : id));
  return new Map([...new Set(ids)].map((id, i) => [id, i + 1]));
}

export interface Told {
  event: string;
  body: { id: string };
  webhooks: string[];
}

/** Each event once, with all that are told, in the order of the bodies. */
export function told(played: Played): Told[] {
  const events = new Map<string, Told>();
  for (const { webhook_id, event, body } of played.webhooks) {
    const is = events.get(body.id);
    if (is) is.webhooks.push(webhook_id);
    else events.set(body.id, { event, body, webhooks: [webhook_id] });
  }
  return [...events.values()];
}

/** What has passed since the beginning, e.g. "+2 h", "+1 d 30 min", "+2.1 s". */
export function since(from: string, at: string): string {
  const s = (Date.parse(at) - Date.parse(from)) / 1000;
  if (s < 60) return `+${Number(s.toFixed(1))} s`;
  const parts = [[86400, 'd'], [3600, 'h'], [60, 'min']] as const;
  let left = Math.floor(s);
  const words: string[] = [];
  for (const [unit, name] of parts) {
    if (left >= unit) words.push(`${Math.floor(left / unit)} ${name}`);
    left %= unit;
  }
  return `+${words.slice(0, 2).join(' ')}`;
}

/** What is wrong with a step, of an error's details. */
export function faults(details: Record<string, unknown> | null): Map<number, string> {
  const found = new Map<number, string>();
  for (const [field, words] of Object.entries(details ?? {})) {
    const at = field.match(/^steps\[(\d+)\](?:\.(.*))?$/);
    if (at) found.set(Number(at[1]), [at[2]?.replace('.', ' '), String(Array.isArray(words) ? words[0] : words)].filter(Boolean).join(' '));
  }
  return found;
}

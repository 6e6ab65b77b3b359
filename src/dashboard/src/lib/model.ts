// An agent's definition (the names are those of the JSON), and what the canvas
// shows of it: nodes and edges follow from the definition, only positions do not.

import { CHANNELS, type Channel } from './api';

export interface Starter {
  channel: Channel;
  template: { id?: string; name?: string };
  parameters?: Record<string, string>;
}

export interface Ping {
  after_minutes: number;
  text: string;
  max: number;
}

export interface Definition {
  schema: 1;
  trigger: { on: 'inbound' | 'template_reply' | 'either'; numbers: string[] };
  starters: Starter[];
  channels: Channel[];
  webhooks: string[];
  engine: { greeting?: string | null; coalesce_seconds?: number; expiring_minutes?: number | null };
  ping: Ping | null;
  ending: { confirmation?: string | null; keywords?: string[] };
}

export type Kind = 'trigger' | 'starter' | 'channels' | 'engine' | 'webhook' | 'ping' | 'ending';

export interface Step {
  id: string;
  kind: Kind;
  /** What the kind is called. */
  label: string;
  title: string;
  lines: string[];
  /** It is always there. */
  locked: boolean;
}

export interface Edge {
  id: string;
  source: string;
  target: string;
  label?: string;
}

export type Layout = Record<string, [number, number]>;

export const TRIGGERS: Record<Definition['trigger']['on'], string> = {
  inbound: 'A contact writes',
  template_reply: 'A template is answered',
  either: 'A contact writes or answers',
};

export function blank(): Definition {
  return {
    schema: 1,
    trigger: { on: 'either', numbers: [] },
    starters: [],
    channels: ['whatsapp', 'sms', 'rcs'],
    webhooks: [],
    engine: { greeting: null, coalesce_seconds: 0, expiring_minutes: null },
    ping: null,
    ending: { confirmation: null, keywords: [] },
  };
}

/** The steps in reading order: top to bottom, left to right. */
export function steps(d: Definition, name: (webhook: string) => string = (id) => id): Step[] {
  const list: Step[] = [];
  const add = (id: string, kind: Kind, label: string, title: string, lines: string[], locked = false) =>
    list.push({ id, kind, label, title, lines, locked });

  add('trigger', 'trigger', 'Trigger', TRIGGERS[d.trigger.on] ?? '?', [d.trigger.numbers.length ? d.trigger.numbers.join(', ') : 'on any number of yours'], true);
  for (const s of d.starters)
    add(`starter:${s.channel}`, 'starter', `Starter · ${CHANNELS[s.channel]}`, s.template.name || s.template.id || 'no template yet', ['opens when it is answered']);
  add('channels', 'channels', 'Channels', d.channels.map((c) => CHANNELS[c]).join(', ') || 'none', ['while the window is open'], true);
  add('engine', 'engine', '24-hour engine', 'A window of 24 hours', engineLines(d), true);
  for (const id of d.webhooks) add(`webhook:${id}`, 'webhook', 'Webhook', name(id), ['is told, signed']);
  if (!d.webhooks.length) add('webhook:*', 'webhook', 'Webhooks', 'All of yours', ['are told, signed'], true);
  if (d.ping) add('ping', 'ping', 'Inactivity ping', `${minutes(d.ping.after_minutes)} of silence`, [`“${d.ping.text}”`, `at most ${d.ping.max} ×`]);
  add('ending', 'ending', 'Compliance ending', 'STOP ends it and opts out', endingLines(d), true);
  return list;
}

function engineLines(d: Definition): string[] {
  const lines = ['a fixed countdown, never extended'];
  if (d.engine.greeting) lines.push(`greets: “${d.engine.greeting}”`);
  if (d.engine.coalesce_seconds) lines.push(`waits ${d.engine.coalesce_seconds} s for a burst`);
  if (d.engine.expiring_minutes) lines.push(`warns ${minutes(d.engine.expiring_minutes)} before the end`);
  return lines;
}

function endingLines(d: Definition): string[] {
  const words = d.ending.keywords ?? [];
  return ['always on', ...(words.length ? [`also: ${words.join(', ')}`] : []), ...(d.ending.confirmation ? ['is confirmed once'] : [])];
}

export function minutes(n: number): string {
  return n % 60 || n < 60 ? `${n} min` : `${n / 60} h`;
}

/** The edges follow from the steps: nobody can draw a wrong one. */
export function edges(d: Definition): Edge[] {
  const list: Edge[] = [];
  const add = (source: string, target: string, label?: string) => list.push({ id: `${source}>${target}`, source, target, label });

  if (d.trigger.on !== 'template_reply' || !d.starters.length) add('trigger', 'channels', d.starters.length ? 'writes' : undefined);
  for (const s of d.starters) {
    if (d.trigger.on !== 'inbound') add('trigger', `starter:${s.channel}`, 'answers');
    add(`starter:${s.channel}`, 'channels');
  }
  add('channels', 'engine');
  for (const id of d.webhooks.length ? d.webhooks : ['*']) add('engine', `webhook:${id}`, 'events');
  if (d.ping) add('engine', 'ping', 'silence');
  add('engine', 'ending', 'STOP · 24 h · close');
  return list;
}

const ROWS: Record<Kind, number> = { trigger: 0, starter: 1, channels: 2, engine: 3, webhook: 4, ping: 4, ending: 4 };

/** Of a node, and from one to the next beside it. */
const WIDTH = 224;
const STEP = WIDTH + 20;

/** The middle is left to the edge that passes the starters. */
const STARTERS = [[-STEP / 2 - 30], [-STEP / 2 - 20, STEP / 2 + 20], [-STEP * 1.5 - 20, -STEP / 2 - 20, STEP / 2 + 20]];

/** More leaves than that are in rows of their own. */
const ACROSS = 4;

/** Layers from top to bottom, each centered: the topology is fixed, so ten lines do. */
export function layout(d: Definition): Layout {
  const rows = new Map<number, Step[]>();
  const leaves = steps(d).filter((step) => ROWS[step.kind] === 4);
  const perRow = Math.ceil(leaves.length / Math.ceil(leaves.length / ACROSS));
  for (const step of steps(d)) {
    const row = ROWS[step.kind] + (ROWS[step.kind] === 4 ? Math.floor(leaves.findIndex((leaf) => leaf.id === step.id) / perRow) : 0);
    rows.set(row, [...(rows.get(row) ?? []), step]);
  }
  const places: Layout = {};
  let y = 0;
  for (const row of [...rows.keys()].sort((a, b) => a - b)) {
    const list = rows.get(row)!;
    list.forEach((step, i) => (places[step.id] = [row === 1 ? STARTERS[list.length - 1]![i]! : (i - (list.length - 1) / 2) * STEP, y]));
    y += 112 + 18 * Math.max(...list.map((step) => step.lines.length + (step.title.length > 20 ? 1 : 0)));
  }
  return places;
}

export interface Difference {
  path: string;
  from: unknown;
  to: unknown;
}

/** What is not the same, by path; absent and null are. */
export function diff(a: unknown, b: unknown, path = ''): Difference[] {
  if (Object.is(a ?? null, b ?? null)) return [];
  if (a && b && typeof a === 'object' && typeof b === 'object' && Array.isArray(a) === Array.isArray(b)) {
    const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
    return [...new Set([...Object.keys(x), ...Object.keys(y)])].flatMap((key) =>
      diff(x[key], y[key], Array.isArray(a) ? `${path}[${key}]` : path ? `${path}.${key}` : key));
  }
  return [{ path, from: a, to: b }];
}

/** The step that a path of the definition belongs to. */
export function stepOf(path: string, d: Definition): string {
  const [, part = '', index] = path.match(/^(\w*)(?:\[(\d+)\])?/) ?? [];
  if (part === 'starters' && index !== undefined) {
    const starter = d.starters[Number(index)];
    return starter ? `starter:${starter.channel}` : 'trigger';
  }
  if (part === 'webhooks') return index !== undefined && d.webhooks[Number(index)] ? `webhook:${d.webhooks[Number(index)]}` : 'webhook:*';
  if (part === 'starters' || part === 'schema' || part === '') return 'trigger';
  return part;
}

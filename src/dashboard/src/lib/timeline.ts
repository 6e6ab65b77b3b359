// A conversation as one line of time: what was written, what happened, whom of
// the webhooks it was told.

import { CHANNELS, type Conversation, type Message } from './api';
import type { Told } from './deliveries';
import { REASONS } from './format';

export interface Entry {
  key: string;
  at: string;
  kind: 'note' | 'message' | 'end' | 'webhook';
  message?: Message;
  text?: string;
  tone?: string;
  told?: Told[];
}

const ORDER: Record<Entry['kind'], number> = { note: 0, message: 1, end: 2, webhook: 3 };

/** messages: newest first, as the server has them; whole: none is missing before them. */
export function timeline(conversation: Conversation, messages: Message[], told: Told[], whole: boolean): Entry[] {
  const list: Entry[] = [];
  const note = (at: string, text: string, tone = '', kind: 'note' | 'end' = 'note') => list.push({ key: `${kind} ${at} ${text}`, at, kind, text, tone });

  if (whole) note(conversation.opened_at, conversation.trigger === 'INBOUND' ? 'The window opens: the contact wrote' : 'The window opens: the contact answered a template', 'ok');

  let channel = '';
  for (const message of [...messages].reverse()) {
    if (message.direction === 'INBOUND') {
      if (channel && channel !== message.channel) note(message.created_at, `Now on ${CHANNELS[message.channel]}`);
      channel = message.channel;
    }
    if (message.kind === 'ping') note(message.created_at, 'No answer for a while: a ping', 'warn');
    list.push({ key: message.id, at: message.created_at, kind: 'message', message });
  }

  if (conversation.closed_at) {
    const stop = conversation.close_reason === 'COMPLIANCE_STOP';
    note(conversation.closed_at, stop ? 'STOP: the window ends, the contact is opted out' : `The window ends: ${REASONS[conversation.close_reason!]}`, stop ? 'bad' : 'muted', 'end');
  }
  for (const one of told) list.push({ key: `${one.event.id} ${one.hook.id}`, at: one.event.created_at, kind: 'webhook', told: [one] });

  // what is of the same ms keeps the server's order
  list.sort((a, b) => a.at.localeCompare(b.at) || ORDER[a.kind] - ORDER[b.kind]);
  return list.reduce(joined, []);
}

/** Deliveries that follow each other are one line, to be opened. */
function joined(all: Entry[], entry: Entry): Entry[] {
  const before = all.at(-1);
  if (entry.told && before?.told) before.told.push(...entry.told);
  else all.push(entry);
  return all;
}

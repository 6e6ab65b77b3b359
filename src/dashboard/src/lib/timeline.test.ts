import { expect, test } from 'vitest';
import type { Conversation, Message, Webhook, WebhookEvent } from './api';
import { timeline } from './timeline';

const at = (s: number) => `2026-01-01T00:00:0${s}.000Z`;
const message = (id: string, s: number, rest: Partial<Message> = {}) => ({ id, created_at: at(s), direction: 'INBOUND', channel: 'sms', kind: 'text', ...rest }) as Message;
const told = (id: string, s: number) => ({ hook: { id: 'h' } as Webhook, event: { id, created_at: at(s), delivery_status: 'DELIVERED' } as WebhookEvent });
const conversation = { trigger: 'INBOUND', opened_at: at(0), closed_at: at(5), close_reason: 'COMPLIANCE_STOP' } as Conversation;

test('one line, in the order of time, and of the server within the same ms', () => {
  const messages = [
    message('stop', 5, { channel: 'rcs' }),
    message('ping', 3, { direction: 'OUTBOUND', kind: 'ping' }),
    message('greeting', 0, { direction: 'OUTBOUND', kind: 'greeting' }),
    message('first', 0),
  ];
  const line = timeline(conversation, messages, [told('a', 0), told('b', 0), told('c', 5)], true);
  expect(line.map((one) => one.message?.id ?? (one.told ? one.told.map((it) => it.event.id).join() : one.text))).toEqual([
    'The window opens: the contact wrote', 'first', 'greeting', 'a,b', 'No answer for a while: a ping', 'ping',
    'Now on RCS', 'stop', 'STOP: the window ends, the contact is opted out', 'c',
  ]);
  expect(new Set(line.map((one) => one.key)).size).toBe(line.length);
});

test('an opening that is further back is not told', () => {
  expect(timeline({ ...conversation, closed_at: null }, [message('m', 2)], [], false).map((one) => one.key)).toEqual(['m']);
});

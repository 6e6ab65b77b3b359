import { expect, test } from 'vitest';
import { blank } from './model';
import { faults, passed, samples, since, told, type Played } from './simulation';

const draft = { ...blank(), webhooks: ['a'], starters: [{ channel: 'sms' as const, template: { name: 'hi' } }] };

test('the path is told in the names of the canvas', () => {
  expect([...passed(['trigger', 'engine', 'webhook:a'], draft)]).toEqual([['trigger', 1], ['engine', 2], ['webhook:a', 3]]);
  expect([...passed(['engine', 'webhook:a', 'webhook:b', 'ending'], blank())]).toEqual([['engine', 1], ['webhook:*', 2], ['ending', 3]]);
});

test('an event that several webhooks get is told once', () => {
  const hook = (webhook_id: string, id: string) => ({ webhook_id, event: 'conversation.started', body: { id } });
  const played = { webhooks: [hook('a', '1'), hook('a', '2'), hook('b', '1')] } as Played;
  expect(told(played).map(({ body, webhooks }) => [body.id, webhooks])).toEqual([['1', ['a', 'b']], ['2', ['a']]]);
});

test('time that has passed', () => {
  const at = (ms: number) => since('2026-01-01T00:00:00.000Z', new Date(Date.UTC(2026, 0, 1) + ms).toISOString());
  expect([0, 2100, 60e3, 7200.1e3, 5400e3, 86400e3, 90000e3].map(at)).toEqual(['+0 s', '+2.1 s', '+1 min', '+2 h', '+1 h 30 min', '+1 d', '+1 d 1 h']);
});

test('faults stand beside their steps', () => {
  expect([...faults({ 'steps[1].wait': ['must be 1s to 48h'], 'steps[0]': ['is wrong'], issues: [] })]).toEqual([[1, 'wait must be 1s to 48h'], [0, 'is wrong']]);
  expect(faults(null).size).toBe(0);
});

test('samples fit the draft', () => {
  expect(samples(blank()).map(([name]) => name)).not.toContain('Starter');
  expect(samples(draft).at(-1)![1][0]).toEqual({ start: 'sms' });
});

import { describe, expect, test } from 'vitest';
import { History } from './history';
import { blank, diff, edges, layout, steps, stepOf, type Definition } from './model';

const full: Definition = {
  ...blank(),
  starters: [{ channel: 'sms', template: { name: 'hello' } }, { channel: 'rcs', template: { name: 'hello' } }],
  webhooks: ['a', 'b'],
  ping: { after_minutes: 90, text: 'Still there?', max: 2 },
};

describe('what the canvas shows', () => {
  for (const [name, d] of [['blank', blank()], ['full', full]] as const) {
    test(`every edge joins two steps, every step has a place: ${name}`, () => {
      const ids = new Set(steps(d).map((step) => step.id));
      expect(edges(d).every((edge) => ids.has(edge.source) && ids.has(edge.target))).toBe(true);
      expect(Object.keys(layout(d)).sort()).toEqual([...ids].sort());
      expect(new Set(Object.values(layout(d)).map(String)).size).toBe(ids.size);
    });
  }

  test('the ending and the engine are locked, whatever the definition says', () => {
    const locked = steps(full).filter((step) => step.locked).map((step) => step.id);
    expect(locked).toEqual(['trigger', 'channels', 'engine', 'ending']);
  });

  test('everything is reached from the trigger', () => {
    const seen = new Set(['trigger']);
    for (let i = 0; i < 9; i++) for (const edge of edges(full)) if (seen.has(edge.source)) seen.add(edge.target);
    expect(seen.size).toBe(steps(full).length);
  });

  test('an issue is shown at its step', () => {
    expect(stepOf('starters[1].template', full)).toBe('starter:rcs');
    expect(stepOf('webhooks[0]', full)).toBe('webhook:a');
    expect(stepOf('ping.text', full)).toBe('ping');
    expect(stepOf('', full)).toBe('trigger');
  });
});

describe('differences', () => {
  test('by path', () => {
    expect(diff(full, { ...full, ping: { ...full.ping!, max: 1 } })).toEqual([{ path: 'ping.max', from: 2, to: 1 }]);
    expect(diff({ a: [1, 2] }, { a: [1] })).toEqual([{ path: 'a[1]', from: 2, to: undefined }]);
  });

  test('absent is null', () => {
    expect(diff({ engine: {} }, { engine: { greeting: null } })).toEqual([]);
  });
});

describe('history', () => {
  test('a step that changes nothing is none', () => {
    const history = new History(full);
    history.push({ ...full });
    expect(history.canUndo).toBe(false);
  });
});

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

  // any sequence of edits, undone as often as it can be, is the start
  test('any edits undone are the start, and redone the end', () => {
    let seed = 7;
    const random = (n: number) => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 8) % n;
    for (let round = 0; round < 200; round++) {
      const history = new History<Definition>(full);
      for (let i = 0; i < 30; i++) {
        const d = history.now;
        const what = random(8);
        if (what === 0) history.undo();
        else if (what === 1) history.redo();
        else if (what === 2) history.push({ ...d, ping: d.ping ? null : full.ping });
        else if (what === 3) history.push({ ...d, webhooks: d.webhooks.length ? d.webhooks.slice(1) : ['a', 'b'] });
        else if (what === 4) history.push({ ...d, engine: { ...d.engine, coalesce_seconds: random(31) } });
        else if (what === 5) history.push({ ...d, trigger: { ...d.trigger, on: (['inbound', 'template_reply', 'either'] as const)[random(3)]! } });
        else if (what === 6) history.push({ ...d, channels: [(['sms', 'rcs'] as const)[random(2)]!] });
        else history.push({ ...d, ending: { keywords: ['W' + random(9)] } });
      }
      while (history.redo());
      const end = history.now;
      while (history.undo());
      expect(history.now).toEqual(full);
      while (history.redo());
      expect(history.now).toEqual(end);
    }
  });
});

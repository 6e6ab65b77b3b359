import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Template } from './api';
import { addPing, addStarter, addWebhook, chooseTemplate, reapply, removeStep, set, setStarter, toggleChannel, toggleNumber, type Edit } from './edits';
import { History } from './history';
import { blank, diff, edges, layout, steps, type Definition } from './model';
import { unfit } from './validate';

const NUMBERS = ['+14155550100', '+14155550101', '+14155550102'], HOOKS = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'];
const TEMPLATES: Template[] = ['hello', 'again'].map((name, i) => ({ id: `00000000-0000-4000-8000-00000000001${i}`, name, parameters: ['name', 'day'].slice(i), channels: { sms: {}, whatsapp: {}, rcs: {} } }));
const GIVEN = {
  numbers: NUMBERS.map((number) => ({ channel: 'sms' as const, number })), webhooks: HOOKS.map((id) => ({ id, active: true })), taken: {},
  templates: TEMPLATES.map((one) => ({ ...one, channels: ['sms', 'whatsapp', 'rcs'] as const satisfies string[] as ('sms' | 'whatsapp' | 'rcs')[] })),
};

// whatever the canvas can do, in any order
const channel = fc.constantFrom('whatsapp' as const, 'sms' as const, 'rcs' as const), template = fc.constantFrom(...TEMPLATES), words = fc.string({ maxLength: 12 });
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(channel, fc.option(template, { nil: undefined })).map(([on, what]) => addStarter(on, what)),
  fc.tuple(channel, template).map(([on, what]) => chooseTemplate(on, what)),
  fc.tuple(channel, words).map(([on, name]) => setStarter(on, { parameters: { name } })),
  fc.constantFrom(...HOOKS).map(addWebhook),
  fc.constant(addPing),
  fc.constantFrom('trigger', 'channels', 'engine', 'ending', 'ping', 'webhook:*', 'starter:sms', 'starter:rcs', `webhook:${HOOKS[0]}`).map(removeStep),
  fc.tuple(channel, fc.boolean()).map(([on, is]) => toggleChannel(on, is)),
  fc.tuple(fc.constantFrom(...NUMBERS), fc.boolean()).map(([number, is]) => toggleNumber(number, is)),
  fc.constantFrom('inbound' as const, 'template_reply' as const, 'either' as const).map((on) => set('trigger', { on })),
  fc.record({ coalesce_seconds: fc.integer({ min: -1, max: 31 }), greeting: fc.option(words) }).map((change) => set('engine', change)),
  fc.record({ after_minutes: fc.integer({ min: 0, max: 1440 }), text: words }).map((change) => set('ping', change)),
  fc.array(words, { maxLength: 3 }).map((keywords) => set('ending', { keywords })),
);
const made = fc.array(edit, { maxLength: 12 }).map((list) => list.reduce<Definition>((d, one) => one(d), blank()));

describe('edits', () => {
  test('any sequence undone is the start, redone its end; none touches what it was given', () => {
    fc.assert(fc.property(made, fc.array(fc.oneof({ weight: 4, arbitrary: edit }, fc.constantFrom('undo' as const, 'redo' as const)), { maxLength: 60 }), (start, list) => {
      const history = new History(start), text = JSON.stringify(start);
      for (const one of list) {
        if (typeof one === 'string') history[one]();
        else {
          const before = history.now, was = JSON.stringify(before);
          history.push(one(before));
          expect(JSON.stringify(before)).toBe(was);
        }
      }
      while (history.redo());
      const end = JSON.stringify(history.now);
      while (history.undo());
      expect(JSON.stringify(history.now)).toBe(text);
      expect(diff(start, history.now)).toEqual([]);
      while (history.redo());
      expect(JSON.stringify(history.now)).toBe(end);
    }), { numRuns: 400 });
  });

  test('what they make can be shown, kept and read again', () => {
    fc.assert(fc.property(made, (d) => {
      expect(unfit(d, GIVEN)).toEqual([]);
      expect(JSON.parse(JSON.stringify(d))).toEqual(d);
      const ids = steps(d).map((step) => step.id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(Object.keys(layout(d)).sort()).toEqual([...ids].sort());
      expect(edges(d).every((edge) => ids.includes(edge.source) && ids.includes(edge.target))).toBe(true);
      for (const locked of ['trigger', 'channels', 'engine', 'ending']) expect(removeStep(locked)(d)).toBe(d);
    }));
  });
});

describe('mine on top of theirs', () => {
  test('is mine where theirs is as it was, theirs where mine is', () => {
    fc.assert(fc.property(made, made, (base, other) => {
      expect(reapply(base, other, base)).toEqual(other);
      expect(diff(reapply(base, base, other), other)).toEqual([]);
      expect(diff(reapply(base, other, other), other)).toEqual([]);
    }));
  });

  test('has both, member by member; of the same member mine', () => {
    const base = { ...blank(), ping: { after_minutes: 45, text: 'a', max: 1 } };
    const mine = { ...base, ping: { ...base.ping, max: 3 }, channels: ['sms' as const] };
    const theirs = { ...base, ping: { ...base.ping, after_minutes: 60, max: 2 }, webhooks: ['x'] };
    expect(reapply<Definition>(base, mine, theirs)).toEqual({ ...base, ping: { after_minutes: 60, text: 'a', max: 3 }, channels: ['sms'], webhooks: ['x'] });
    expect(reapply<Definition>(base, mine, { ...base, ping: null }).ping).toEqual(mine.ping);
  });
});

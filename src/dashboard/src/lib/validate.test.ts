import { expect, test } from 'vitest';
import { validate, type Given } from './validate';

// the same files are what the module's validation is held to
const files = import.meta.glob<{ default: { given: Given; definition: unknown; issues: { path: string; code: string; level: string }[] } }>('../../../../t/agent/*/*.json', { eager: true });

const sorted = (issues: { path: string; code: string; level: string }[]) =>
  issues.map(({ path, code, level }) => `${path} ${code} ${level}`).sort();

test('there are examples', () => {
  expect(Object.keys(files).length).toBeGreaterThan(25);
});

for (const [name, { default: one }] of Object.entries(files)) {
  test(name.replace(/.*agent\//, ''), () => {
    const found = validate(one.definition, one.given);
    expect(sorted(found)).toEqual(sorted(one.issues));
    expect(found.some((issue) => issue.level === 'error')).toBe(name.includes('/invalid/'));
    expect(found.every((issue) => issue.message.length > 0)).toBe(true);
  });
}

import { afterEach, expect, test, vi } from 'vitest';
import { calm } from './calm';

afterEach(() => {
  vi.useRealTimers();
});

test('much that happens is done seldom, and the last of it is not forgotten', async () => {
  vi.useFakeTimers();
  let runs = 0;
  const call = calm(1000, async () => void runs++);
  call();
  call();
  call();
  expect(runs).toBe(1);
  await vi.advanceTimersByTimeAsync(999);
  expect(runs).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(runs).toBe(2);
  await vi.advanceTimersByTimeAsync(5000);
  expect(runs).toBe(2);
  call();
  expect(runs).toBe(3);
});

test('it waits for what is slow, and goes on behind a failure', async () => {
  vi.useFakeTimers();
  let runs = 0, fail: (error: Error) => void = () => {};
  const call = calm(1000, () => {
    runs++;
    return new Promise<void>((_, refuse) => (fail = refuse)).catch(() => {});
  });
  call();
  call();
  await vi.advanceTimersByTimeAsync(60000);
  expect(runs).toBe(1);
  fail(new Error('away'));
  await vi.advanceTimersByTimeAsync(1000);
  expect(runs).toBe(2);
});

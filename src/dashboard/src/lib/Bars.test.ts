import { render, screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import Bars from './Bars.svelte';

test('the chart says in words what it shows, and as a table', () => {
  render(Bars, { label: 'Messages', buckets: [{ t: '2026-01-01T00:00:00Z', inbound: 2, outbound: 3, opened: 1, closed: 0 }] });
  expect(screen.getByRole('img').getAttribute('aria-label')).toBe('Messages: 2 inbound, 3 outbound');
  expect(screen.getByRole('table', { hidden: true }).textContent).toContain('3');
});

import { render, screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import Bars from './Bars.svelte';

const at = (minute: number, inbound: number, outbound: number) => ({ t: `2026-01-01T00:0${minute}:00Z`, inbound, outbound, opened: 1, closed: 0 });

test('the chart says in words what it shows, and as a table', () => {
  render(Bars, { label: 'Messages', buckets: [at(0, 2, 3), at(1, 0, 0), at(2, 1, 0)] });
  expect(screen.getByRole('img').getAttribute('aria-label')).toBe('Messages: 3 inbound, 3 outbound, 5 at most at a time');
  const rows = [...screen.getByRole('table', { hidden: true }).querySelectorAll('tbody tr')];
  expect(rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent).join(' '))).toEqual(['2 3 1 0', '0 0 1 0', '1 0 1 0']);
});

test('the highest bar has the room, the others their share of it', () => {
  const { container } = render(Bars, { label: 'Messages', buckets: [at(0, 2, 2), at(1, 1, 0)] });
  const tall = [...container.querySelectorAll('rect.in, rect.out')].map((bar) => Number(bar.getAttribute('height')));
  expect(tall).toEqual([58, 58, 29, 0]);
  expect(screen.getByText('highest: 4')).toBeTruthy();
});

test('nothing is no bar', () => {
  render(Bars, { label: 'Messages', buckets: [at(0, 0, 0)] });
  expect(screen.getByText('nothing yet')).toBeTruthy();
});

// Numbers, times and durations as people read them.

/** +14155550199 as +1415•••0199, unless it may be seen. */
export function phone(number: string, revealed: boolean): string {
  return revealed ? number : number.replace(/^(\+\d{1,4})\d+(\d{4})$/, '$1•••$2');
}

export function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

export function moment(iso: string): string {
  return new Date(iso).toLocaleString([], { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
}

/** What is left of a time, e.g. "23 h 04 m", "4 m 09 s". */
export function left(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const pad = (n: number) => String(n).padStart(2, '0');
  return s >= 3600 ? `${Math.floor(s / 3600)} h ${pad(Math.floor(s / 60) % 60)} m` : `${Math.floor(s / 60)} m ${pad(s % 60)} s`;
}

export function ago(iso: string, now: number): string {
  const s = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (s < 60) return 'just now';
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ago`;
  return moment(iso);
}

export const REASONS: Record<string, string> = {
  EXPIRED: '24 hours over',
  EXPLICIT: 'closed',
  COMPLIANCE_STOP: 'STOP',
};

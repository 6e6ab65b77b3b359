// Drafts of definitions, kept in this browser only and never live.

import type { Definition } from './model';

export interface Draft {
  /** The live version when it was begun. */
  base: number;
  definition: Definition;
  at: string;
}

const key = (customer: string, agent: string) => `draft:${customer}:${agent}`;

export function read(customer: string, agent: string): Draft | null {
  try {
    const draft = JSON.parse(localStorage.getItem(key(customer, agent)) ?? 'null');
    return draft && typeof draft.base === 'number' && draft.definition ? draft : null;
  } catch {
    return null;
  }
}

/** Whether it could be kept: a browser may have no room. */
export function keep(customer: string, agent: string, base: number, definition: Definition): boolean {
  try {
    localStorage.setItem(key(customer, agent), JSON.stringify({ base, definition, at: new Date().toISOString() }));
    return true;
  } catch {
    return false;
  }
}

export function forget(customer: string, agent: string) {
  localStorage.removeItem(key(customer, agent));
}

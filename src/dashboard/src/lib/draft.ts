// Drafts of definitions, kept in this browser only and never live: of this tab
// for a reload, of all for a tab that comes later.

import type { Definition } from './model';

export interface Draft {
  /** The live version when it was begun. */
  base: number;
  definition: Definition;
  at: string;
}

const key = (customer: string, agent: string) => `draft:${customer}:${agent}`;

export function read(customer: string, agent: string): Draft | null {
  for (const store of [sessionStorage, localStorage]) {
    try {
      const draft = JSON.parse(store.getItem(key(customer, agent)) ?? 'null');
      if (draft && typeof draft.base === 'number' && draft.definition) return draft;
    } catch {
      // what cannot be read is none
    }
  }
  return null;
}

/** Whether it could be kept: a browser may have no room. */
export function keep(customer: string, agent: string, base: number, definition: Definition): boolean {
  const text = JSON.stringify({ base, definition, at: new Date().toISOString() });
  try {
    sessionStorage.setItem(key(customer, agent), text);
    localStorage.setItem(key(customer, agent), text);
    return true;
  } catch {
    return false;
  }
}

/** Another tab's draft stays. */
export function forget(customer: string, agent: string) {
  const name = key(customer, agent), own = sessionStorage.getItem(name);
  sessionStorage.removeItem(name);
  if (!own || own === localStorage.getItem(name)) localStorage.removeItem(name);
}

/** Of which agents there is one. */
export function all(customer: string): Set<string> {
  const start = key(customer, '');
  return new Set([sessionStorage, localStorage].flatMap((store) => Object.keys(store)).filter((name) => name.startsWith(start)).map((name) => name.slice(start.length)));
}

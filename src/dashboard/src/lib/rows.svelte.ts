// The rows of a list of conversations. What changes is read anew in its place;
// what is new waits until it is asked for: no row moves by itself.

import { api, query, type Conversation, type Page } from './api';
import type { Change } from './live.svelte';

interface List {
  conversations: Conversation[];
  pagination: Page;
}

export interface Filter {
  path: string;
  status: string;
  channel: string;
  close_reason: string;
  contact: string;
}

const SIZE = 100, AT_ONCE = 8;

export class Rows {
  shown = $state.raw<Conversation[] | null>(null);
  more = $state(false);
  /** New ones of this filter, not shown yet. */
  fresh = $state.raw(new Set<string>());
  #after: string | null = null;
  #turn: Promise<void> = Promise.resolve();
  #next: { named: Set<string> | null; ended: boolean } | null = null;

  constructor(private filter: () => Filter) {}

  /** One after another: an answer never goes over a later one. */
  #then(run: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(run);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #page(filter: Filter, change: { status?: string; cursor?: string | null } = {}) {
    const { path, ...rest } = { ...filter, ...change };
    return api<List>(path + query({ ...rest, status: rest.status === 'all' ? null : rest.status, page_size: SIZE }));
  }

  #of(filter: Filter) {
    return JSON.stringify(filter) === JSON.stringify(this.filter());
  }

  /** The first page, and nothing of what was shown. */
  load() {
    return this.#then(async () => {
      const filter = this.filter(), list = await this.#page(filter);
      if (!this.#of(filter)) return;
      this.shown = list.conversations;
      this.fresh = new Set();
      this.#ends(list.pagination);
    });
  }

  further() {
    return this.#then(async () => {
      const filter = this.filter(), list = await this.#page(filter, { cursor: this.#after });
      if (!this.#of(filter)) return;
      const known = new Set(this.shown!.map((row) => row.id));
      this.shown = [...this.shown!, ...list.conversations.filter((row) => !known.has(row.id))];
      this.#ends(list.pagination);
    });
  }

  #ends(page: Page) {
    this.more = page.has_more;
    this.#after = page.cursors.after;
  }

  /** changes: those that changed, null: it may have been any. What comes while one is being read is read at once after it. */
  changed(changes: Change[] | null, ended: boolean): Promise<void> {
    const next = this.#next;
    if (!next) {
      this.#next = { named: changes && new Set(changes.map((change) => change.conversation_id)), ended };
      return this.#then(() => this.#again());
    }
    next.ended ||= ended;
    if (!changes) next.named = null;
    changes?.forEach((change) => next.named?.add(change.conversation_id));
    return this.#turn;
  }

  async #again() {
    const { named, ended } = this.#next!;
    this.#next = null;
    if (!this.shown) return;
    const filter = this.filter(), first = await this.#page(filter);
    const shown = new Set(this.shown.map((row) => row.id));
    const now = new Map(first.conversations.map((row) => [row.id, row]));
    const fresh = first.conversations.map((row) => row.id).filter((id) => !shown.has(id) && (named?.has(id) ?? true));

    if (first.pagination.has_more && (ended || !named)) await this.#open(filter, now);
    const rest = this.shown.filter((row) => !now.has(row.id) && (!named || named.has(row.id) || (row.status === 'OPEN' && (ended || !first.pagination.has_more))));
    await this.#each(rest.map((row) => row.id), now);

    if (!this.#of(filter)) return;
    this.shown = this.shown.map((row) => now.get(row.id) ?? row);
    this.fresh = new Set([...this.fresh, ...fresh]);
  }

  /** As many pages of open ones as are shown. */
  async #open(filter: Filter, now: Map<string, Conversation>) {
    let cursor: string | null = null;
    for (let left = this.shown!.filter((row) => row.status === 'OPEN').length; left > 0; left -= SIZE) {
      const list: List = await this.#page(filter, { status: 'open', cursor });
      for (const row of list.conversations) now.set(row.id, row);
      if (!list.pagination.has_more) break;
      cursor = list.pagination.cursors.after;
    }
  }

  async #each(ids: string[], now: Map<string, Conversation>) {
    for (let i = 0; i < ids.length; i += AT_ONCE) {
      await Promise.all(ids.slice(i, i + AT_ONCE).map(async (id) => {
        const answer = await api<{ conversation: Conversation | null }>(`/conversations/${id}?page_size=1`).catch(() => null);
        if (answer?.conversation) now.set(id, answer.conversation);
      }));
    }
  }
}

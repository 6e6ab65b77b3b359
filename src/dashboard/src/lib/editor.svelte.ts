// An agent under edit: the live version, the draft with its history, what is
// wrong with it, and the one way to make it live.

import { api, ApiError, type Agent, type Settings, type Template, type Version, type Webhook, type Channel } from './api';
import * as drafts from './draft';
import { History, same } from './history';
import { diff, layout, type Definition, type Layout } from './model';
import { session } from './session.svelte';
import { validate, type Given, type Issue } from './validate';

export interface Conflict {
  version: Version<Definition>;
  /** What they changed against the version that this draft was begun on. */
  theirs: ReturnType<typeof diff>;
}

export class Editor {
  agent = $state.raw<Agent | null>(null);
  live = $state.raw<Version<Definition> | null>(null);
  draft = $state.raw<Definition | null>(null);
  places = $state.raw<Layout>({});
  webhooks = $state.raw<Webhook[]>([]);
  templates = $state.raw<Template[]>([]);
  settings = $state.raw<Settings | null>(null);
  conflict = $state.raw<Conflict | null>(null);
  found = $state.raw<Issue[]>([]);
  canUndo = $state(false);
  canRedo = $state(false);
  /** False: this browser has no room to keep the draft. */
  kept = $state(true);
  #history: History<Definition> | null = null;
  #base = 0;

  constructor(private id: string) {}

  async load() {
    const [{ agent, version }, hooks, templates, settings] = await Promise.all([
      api<{ agent: Agent; version: Version<Definition> }>(`/agents/${this.id}`),
      api<{ webhooks: Webhook[] }>('/webhooks?page_size=100'),
      api<{ templates: Template[] }>('/templates?page_size=100'),
      api<Settings>('/settings'),
    ]);
    this.agent = agent;
    this.live = version;
    this.webhooks = hooks.webhooks;
    this.templates = templates.templates;
    this.settings = settings;
    this.places = agent.layout ?? {};
    this.#base = version.version;
    const draft = drafts.read(this.#customer, this.id);
    this.#start(version.definition);
    if (draft && !same(draft.definition, version.definition)) {
      this.edit(() => draft.definition);
      if (draft.base !== version.version) await this.#collide(draft.base);
    }
  }

  get #customer() {
    return session.is?.customer.id ?? '';
  }

  #start(definition: Definition) {
    this.#history = new History(definition);
    this.#show();
  }

  /** The next definition out of the present one; nothing is changed in place. */
  edit(change: (definition: Definition) => Definition) {
    if (!this.#history) return;
    this.#history.push(change(this.#history.now));
    this.#show();
  }

  undo() {
    if (this.#history?.undo()) this.#show();
  }

  redo() {
    if (this.#history?.redo()) this.#show();
  }

  discard() {
    if (this.live) this.edit(() => this.live!.definition);
  }

  #show() {
    const history = this.#history!;
    this.draft = history.now;
    this.canUndo = history.canUndo;
    this.canRedo = history.canRedo;
    this.found = [];
    if (!this.dirty) drafts.forget(this.#customer, this.id);
    else this.kept = drafts.keep(this.#customer, this.id, this.#base, history.now);
  }

  /** Computed, never a flag: what would change if it were saved. */
  get changes() {
    return this.live && this.draft ? diff(this.live.definition, this.draft) : [];
  }

  get dirty() {
    return this.changes.length > 0;
  }

  get given(): Given {
    return {
      numbers: this.settings?.numbers ?? [],
      webhooks: this.webhooks.map((hook) => ({ id: hook.id, active: hook.is_active })),
      templates: this.templates.map((one) => ({ id: one.id, name: one.name, parameters: one.parameters, channels: Object.keys(one.channels) as Channel[] })),
      taken: {},
    };
  }

  /** What this page sees, and what the server said beyond. */
  get issues(): Issue[] {
    const own = this.draft ? validate(this.draft, this.given) : [];
    return [...own, ...this.found.filter((issue) => !own.some((is) => is.path === issue.path && is.code === issue.code))];
  }

  get errors() {
    return this.issues.filter((issue) => issue.level === 'error');
  }

  async check() {
    const said = await api<{ issues: Issue[] }>(`/agents/${this.id}/validate`, { json: { definition: this.draft } });
    this.found = said.issues;
  }

  /** Save and promote in one step, against the version the draft was begun on. */
  async save(note: string): Promise<boolean> {
    try {
      const version = await api<Version<Definition>>(`/agents/${this.id}/versions`, {
        json: { definition: this.draft, note: note || null },
        headers: { 'if-match': `"${this.#base}"`, 'idempotency-key': crypto.randomUUID() },
      });
      this.#took(version);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 412) {
        await this.#collide(this.#base);
        return false;
      }
      if (error.status === 422 && Array.isArray(error.details?.issues)) this.found = error.details.issues as Issue[];
      throw error;
    }
  }

  #took(version: Version<Definition>) {
    this.live = version;
    this.#base = version.version;
    this.conflict = null;
    if (this.agent) this.agent = { ...this.agent, live_version: version.version };
    this.#start(version.definition);
  }

  async #collide(base: number) {
    const [{ version }, before] = await Promise.all([
      api<{ version: Version<Definition> }>(`/agents/${this.id}`),
      api<Version<Definition>>(`/agents/${this.id}/versions/${base}`),
    ]);
    this.live = version;
    this.conflict = { version, theirs: diff(before.definition, version.definition) };
  }

  takeTheirs() {
    if (this.conflict) this.#took(this.conflict.version);
  }

  /** Mine is to replace theirs: the next save is against their version. */
  keepMine() {
    if (!this.conflict) return;
    this.#base = this.conflict.version.version;
    this.conflict = null;
    this.#show();
  }

  place(id: string, at: [number, number]) {
    this.places = { ...this.places, [id]: at };
    return this.#arrange();
  }

  tidy() {
    this.places = {};
    return this.#arrange();
  }

  at(id: string): [number, number] {
    return this.places[id] ?? (this.draft ? layout(this.draft)[id] : undefined) ?? [0, 0];
  }

  async #arrange() {
    await api(`/agents/${this.id}`, { method: 'PATCH', json: { layout: this.places } });
  }

  async rename(name: string) {
    this.agent = await api<Agent>(`/agents/${this.id}`, { method: 'PATCH', json: { name } });
  }

  async activate(active: boolean) {
    this.agent = await api<Agent>(`/agents/${this.id}`, { method: 'PATCH', json: { is_active: active } });
  }
}

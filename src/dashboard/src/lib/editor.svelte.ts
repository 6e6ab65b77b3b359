// An agent under edit: the live version, the draft with its history, what is
// wrong with it, and the one way to make it live.

import { api, ApiError, type Agent, type Settings, type Template, type Version, type Webhook, type Channel } from './api';
import * as drafts from './draft';
import { reapply } from './edits';
import { History } from './history';
import { diff, layout, type Definition, type Layout } from './model';
import { session } from './session.svelte';
import { unfit, validate, type Given, type Issue } from './validate';

/** ms without an edit, after which the server is asked. */
const CHECK = 600;

export interface Conflict {
  version: Version<Definition>;
  /** What they changed against the version that this draft was begun on. */
  theirs: ReturnType<typeof diff>;
}

export class Editor {
  agent = $state.raw<Agent | null>(null);
  live = $state.raw<Version<Definition> | null>(null);
  draft = $state.raw<Definition | null>(null);
  /** What the draft was begun on: the live version, or one before it until a conflict is settled. */
  base = $state.raw<Version<Definition> | null>(null);
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
  #checking: ReturnType<typeof setTimeout> | undefined;

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
    this.base = version;
    const draft = this.#kept();
    if (draft && draft.base !== version.version) {
      this.base = await api<Version<Definition>>(`/agents/${this.id}/versions/${draft.base}`).catch(() => version);
      this.#collided(version);
    }
    this.#start(this.base.definition, draft?.definition);
  }

  /** A draft that this page can show: an older one may have kept it. */
  #kept() {
    const draft = drafts.read(this.#customer, this.id);
    return draft && !unfit(draft.definition, this.given).length ? draft : null;
  }

  hookName = (id: string) => {
    const is = this.webhooks.find((one) => one.id === id);
    return is && (is.display_name || is.endpoint_url.replace(/^https?:\/\//, ''));
  };

  get #customer() {
    return session.is?.customer.id ?? '';
  }

  /** The draft, where there is one, is a step that can be undone. */
  #start(definition: Definition, draft = definition) {
    this.#history = new History(definition);
    this.#history.push(draft);
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
    if (this.base) this.edit(() => this.base!.definition);
  }

  #show() {
    const history = this.#history!;
    this.draft = history.now;
    this.canUndo = history.canUndo;
    this.canRedo = history.canRedo;
    this.found = [];
    clearTimeout(this.#checking);
    if (!this.dirty) {
      drafts.forget(this.#customer, this.id);
      if (this.conflict) this.takeTheirs();
    } else {
      this.kept = drafts.keep(this.#customer, this.id, this.base!.version, history.now);
      this.#checking = setTimeout(() => void this.check().catch(() => {}), CHECK);
    }
  }

  /** Computed, never a flag: what would change if it were saved. */
  get changes() {
    return this.base && this.draft ? diff(this.base.definition, this.draft) : [];
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

  /** A definition as text becomes the draft; or why it does not. */
  paste(text: string): string[] {
    try {
      const definition = JSON.parse(text);
      const wrong = unfit(definition, this.given);
      if (!wrong.length) this.edit(() => definition);
      return wrong.map((issue) => `${issue.path || 'The definition'}: ${issue.message}`);
    } catch {
      return ['This is not JSON.'];
    }
  }

  /** What only the server knows: the numbers of other agents, what came or went meanwhile. */
  async check() {
    const draft = this.draft;
    const said = await api<{ issues: Issue[] }>(`/agents/${this.id}/validate`, { json: { definition: draft } });
    if (draft === this.draft) this.found = said.issues;
  }

  /** Save and promote in one step, against the version the draft was begun on. */
  async save(note: string): Promise<boolean> {
    try {
      const version = await api<Version<Definition>>(`/agents/${this.id}/versions`, {
        json: { definition: this.draft, note: note || null },
        headers: { 'if-match': `"${this.base!.version}"`, 'idempotency-key': crypto.randomUUID() },
      });
      this.#took(version);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 412) {
        this.#collided((await api<{ version: Version<Definition> }>(`/agents/${this.id}`)).version);
        return false;
      }
      if (error.status === 422 && Array.isArray(error.details?.issues)) this.found = error.details.issues as Issue[];
      throw error;
    }
  }

  #took(version: Version<Definition>, draft = version.definition) {
    this.live = version;
    this.base = version;
    this.conflict = null;
    if (this.agent) this.agent = { ...this.agent, live_version: version.version };
    this.#start(version.definition, draft);
  }

  #collided(version: Version<Definition>) {
    this.live = version;
    this.conflict = { version, theirs: diff(this.base!.definition, version.definition) };
  }

  takeTheirs() {
    if (this.conflict) this.#took(this.conflict.version);
  }

  /** What I changed, on top of theirs: the next save is against their version. */
  keepMine() {
    if (this.conflict) this.#took(this.conflict.version, reapply(this.base!.definition, this.draft!, this.conflict.version.definition));
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

  async archive() {
    await api(`/agents/${this.id}`, { method: 'DELETE' });
    drafts.forget(this.#customer, this.id);
  }
}

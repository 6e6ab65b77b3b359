// The simulator's state: it outlives the panel that shows it.

import { api, ApiError } from './api';
import type { Editor } from './editor.svelte';
import type { Definition } from './model';
import { faults, passed, samples, type Played, type SimStep } from './simulation';

/** ms for each thing that happened, when they are shown one after another. */
const PACE = 1100;

export class Simulation {
  open = $state(false);
  steps = $state.raw<SimStep[]>([]);
  played = $state.raw<Played[]>([]);
  shown = $state(-1);
  busy = $state(false);
  fault = $state('');
  wrong = $state.raw(new Map<number, string>());
  #of = $state.raw<Definition | null>(null);
  #tried = $state.raw<SimStep[]>([]);
  #next: ReturnType<typeof setTimeout> | undefined;

  constructor(private editor: Editor) {}

  toggle() {
    this.open = !this.open;
    if (this.open && !this.steps.length && this.editor.draft) this.steps = samples(this.editor.draft)[0]![1];
    if (!this.open) this.halt();
  }

  /** The draft or the steps are others than those that were played. */
  get stale() {
    return this.played.length > 0 && (this.#of !== this.editor.draft || this.#tried !== this.steps);
  }

  /** For how long it waited, as that was asked for. */
  waited(one: Played) {
    const step = this.#tried[one.step];
    return step && 'wait' in step ? step.wait : '';
  }

  /** The steps of the canvas that what is shown went through. */
  get trod(): Map<string, number> {
    const path = this.open ? this.played[this.shown]?.path : undefined;
    return path && this.editor.draft ? passed(path, this.editor.draft) : new Map();
  }

  async play() {
    const [draft, steps] = [this.editor.draft, this.steps];
    this.halt();
    this.busy = true;
    this.fault = '';
    this.wrong = new Map();
    try {
      const answer = await api<{ steps: Played[] }>(`/agents/${this.editor.agent!.id}/simulate`, { json: { definition: draft, steps } });
      this.played = answer.steps;
      this.#of = draft;
      this.#tried = steps;
      this.#walk(0);
    } catch (error) {
      this.played = [];
      this.shown = -1;
      this.#refused(error as Error);
    } finally {
      this.busy = false;
    }
  }

  #refused(error: Error) {
    const is = error instanceof ApiError ? error : null;
    this.wrong = faults(is?.details ?? null);
    this.fault = is?.code === 'AGENT_001' || is?.code === 'RESOURCE_007' ? 'The draft has errors; its steps say which.' : this.wrong.size ? '' : error.message;
  }

  /** One after another, unless the reader wants no motion. */
  #walk(index: number) {
    this.shown = index;
    if (index + 1 < this.played.length && !matchMedia('(prefers-reduced-motion: reduce)').matches)
      this.#next = setTimeout(() => this.#walk(index + 1), PACE);
  }

  show(index: number) {
    this.halt();
    this.shown = index;
  }

  halt() {
    clearTimeout(this.#next);
  }
}

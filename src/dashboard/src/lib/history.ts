// Undo and redo of a value that is replaced, never changed in place.

const DEPTH = 200;

export class History<T> {
  #past: T[] = [];
  #future: T[] = [];
  #now: T;

  constructor(start: T) {
    this.#now = start;
  }

  get now() {
    return this.#now;
  }

  /** Nothing is kept of a step that changes nothing. */
  push(next: T) {
    if (same(this.#now, next)) return;
    this.#past.push(this.#now);
    if (this.#past.length > DEPTH) this.#past.shift();
    this.#future = [];
    this.#now = next;
  }

  undo(): boolean {
    return this.#move(this.#past, this.#future);
  }

  redo(): boolean {
    return this.#move(this.#future, this.#past);
  }

  #move(from: T[], to: T[]): boolean {
    if (!from.length) return false;
    to.push(this.#now);
    this.#now = from.pop()!;
    return true;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

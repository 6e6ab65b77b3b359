// What changed since, asked for every few seconds while the page is seen. The
// position is the server's; "reset": more was missed than the server remembers.

import { request } from './api';

export interface Change {
  conversation_id: string;
  at: string;
}

interface Answer {
  changes?: Change[];
  open?: number;
  position?: string;
  reset?: boolean;
}

export type LiveState = 'live' | 'reconnecting' | 'paused';

const EVERY = 3000;
const LONGEST = 30000;

/**
 * changed(null): it may have been any, as at first, since what was read before
 * the first position; ended: some that were open may not be any more.
 */
export class Live {
  state = $state<LiveState>('live');
  #position = '';
  #open = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #stopped = false;
  #asking = false;

  constructor(private changed: (changes: Change[] | null, ended: boolean) => void) {}

  start(): () => void {
    this.#stopped = false;
    const wake = () => {
      if (document.hidden) {
        this.state = 'paused';
        clearTimeout(this.#timer);
      } else {
        this.#failures = 0;
        this.#soon(0);
      }
    };
    document.addEventListener('visibilitychange', wake);
    addEventListener('online', wake);
    this.#soon(0);
    return () => {
      this.#stopped = true;
      clearTimeout(this.#timer);
      document.removeEventListener('visibilitychange', wake);
      removeEventListener('online', wake);
    };
  }

  #soon(ms: number) {
    clearTimeout(this.#timer);
    if (!this.#stopped && !document.hidden) this.#timer = setTimeout(() => void this.#ask(), ms);
  }

  async #ask() {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const { status, data } = await request<Answer>('/changes' + (this.#position ? `?after=${encodeURIComponent(this.#position)}` : ''), { signal: AbortSignal.timeout(LONGEST) });
      const first = !this.#position;
      this.state = document.hidden ? 'paused' : 'live';
      this.#failures = 0;
      if (status !== 304 && data) {
        const changes = data.changes ?? [], open = data.open ?? 0;
        const ended = open !== this.#open;
        if (data.position) this.#position = data.position;
        this.#open = open;
        if (first || data.reset) this.changed(null, true);
        else if (changes.length || ended) this.changed(changes, ended);
      }
      this.#soon(EVERY);
    } catch {
      this.state = 'reconnecting';
      this.#failures++;
      this.#soon(Math.min(LONGEST, EVERY * 2 ** Math.min(this.#failures, 5)) * (0.8 + Math.random() * 0.4));
    } finally {
      this.#asking = false;
    }
  }
}

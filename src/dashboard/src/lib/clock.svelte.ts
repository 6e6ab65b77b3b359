// One clock for all countdowns of the page: the server's, once a second.

import { now } from './api';

class Clock {
  ms = $state(now());

  constructor() {
    setInterval(() => (this.ms = now()), 1000);
  }
}

export const ticking = new Clock();

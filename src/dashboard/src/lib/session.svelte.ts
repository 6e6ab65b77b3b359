// Who is signed in. The key itself is given to the server once and not kept.

import { api, ApiError, onSignedOut, signedIn, type Session } from './api';

class SignedIn {
  is = $state<Session | null>(null);
  known = $state(false);
  /** The session ended under an open page: sign in again, nothing is lost. */
  over = $state(false);
  revealed = $state(false);

  constructor() {
    onSignedOut(() => {
      if (this.is) this.over = true;
    });
  }

  async load() {
    try {
      this.is = await api<Session>('/session');
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      this.is = null;
    } finally {
      this.known = true;
    }
  }

  async open(key: string) {
    await api('/session', { json: { api_key: key } });
    await this.load();
    this.over = false;
    signedIn();
  }

  async close() {
    await api('/session', { method: 'DELETE' }).catch((error) => {
      if (!(error instanceof ApiError && error.status === 401)) throw error;
    });
    this.is = null;
    this.over = false;
    this.revealed = false;
  }

  get mayWrite() {
    return this.is?.role === 'full';
  }
}

export const session = new SignedIn();

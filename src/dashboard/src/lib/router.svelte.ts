// Where the page is: the path below /ui and the query, kept in the address.

const BASE = '/ui';

function here() {
  return location.pathname.replace(/^\/ui/, '') || '/';
}

class Router {
  path = $state(here());
  search = $state(location.search);

  constructor() {
    addEventListener('popstate', () => this.#read());
  }

  #read() {
    this.path = here();
    this.search = location.search;
  }

  go(path: string, replace = false) {
    history[replace ? 'replaceState' : 'pushState'](null, '', BASE + path);
    this.#read();
  }

  /** Changes some of the query, in place. */
  set(values: Record<string, string | null>) {
    const query = new URLSearchParams(this.search);
    for (const [name, value] of Object.entries(values)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    const text = query.toString();
    this.go(this.path + (text ? '?' + text : ''), true);
  }

  get(name: string): string {
    return new URLSearchParams(this.search).get(name) ?? '';
  }

  /** For a click anywhere: follows links of our own without a new page. */
  follow(event: MouseEvent) {
    const link = (event.target as Element).closest?.('a');
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!link.pathname.startsWith(BASE + '/')) return;
    event.preventDefault();
    this.go(link.pathname.slice(BASE.length) + link.search);
    document.querySelector<HTMLElement>('main')?.focus();
  }
}

export const router = new Router();

// Light, dark, or as the system is.

export type Theme = 'system' | 'light' | 'dark';

export function theme(): Theme {
  const is = localStorage.getItem('theme');
  return is === 'light' || is === 'dark' ? is : 'system';
}

export function apply(is: Theme) {
  if (is === 'system') {
    localStorage.removeItem('theme');
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem('theme', is);
    document.documentElement.dataset.theme = is;
  }
}

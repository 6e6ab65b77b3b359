// One path of 24 × 24 for each kind of step.

import type { Kind } from '../lib/model';

export const ICONS: Record<Kind, string> = {
  trigger: 'M13 2 4 14h6l-1 8 9-12h-6z',
  starter: 'M4 5h16v11H9l-5 4z',
  channels: 'M4 7h10M4 12h16M4 17h7',
  engine: 'M12 3a9 9 0 1 0 9 9M12 7v5l3 2',
  webhook: 'M9 15a4 4 0 1 1-4-4M15 9a4 4 0 1 1-6-3l3 6M12 12h7a3 3 0 1 1-3 3',
  ping: 'M6 9a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7M10 20h4',
  ending: 'M12 3 5 6v5c0 5 3 8 7 10 4-2 7-5 7-10V6z',
};

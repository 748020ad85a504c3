import type { ComponentType } from 'react';

/** What a page is given: the instance that it shows. */
export interface PageProperties {
  readonly instance: string;
}

export interface Page {
  /** Below `/instances/<name>`: '' or '/tables'. */
  readonly path: string;
  readonly title: string;
  /** The heading in the menu that it stands under. */
  readonly section: 'Overview' | 'Setup' | 'Work' | 'Look back' | 'Settings';
  /** Loaded when it is first shown. */
  readonly load: () => Promise<{ readonly default: ComponentType<PageProperties> }>;
}

/** Every page: a folder in pages/, and a line here. The menu has this order. */
export const PAGES: readonly Page[] = [
  { path: '', title: 'Dashboard', section: 'Overview', load: () => import('../pages/dashboard/page.tsx') },
  { path: '/source', title: 'Source', section: 'Setup', load: () => import('../pages/source/page.tsx') },
  { path: '/destination', title: 'Destination', section: 'Setup', load: () => import('../pages/destination/page.tsx') },
  { path: '/tables', title: 'Tables', section: 'Setup', load: () => import('../pages/tables/page.tsx') },
  { path: '/schedule', title: 'Schedule', section: 'Setup', load: () => import('../pages/schedule/page.tsx') },
  { path: '/operations', title: 'Operations', section: 'Work', load: () => import('../pages/operations/page.tsx') },
  { path: '/quarantine', title: 'Quarantine', section: 'Work', load: () => import('../pages/quarantine/page.tsx') },
  { path: '/reports', title: 'Reports', section: 'Look back', load: () => import('../pages/reports/page.tsx') },
  { path: '/logs', title: 'Logs', section: 'Look back', load: () => import('../pages/logs/page.tsx') },
  { path: '/settings', title: 'Settings', section: 'Settings', load: () => import('../pages/settings/page.tsx') },
];

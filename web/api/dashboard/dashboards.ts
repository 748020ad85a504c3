import type { ConsoleInstance } from '../console-host.ts';
import type { Dashboard } from '../schemas/dashboard.ts';
import { assembleDashboard } from './assemble-dashboard.ts';
import { pipelineFacts } from './pipeline-facts.ts';

/** How old an answer may be, in milliseconds: many who look cost as much as one. */
const FRESH_MILLISECONDS = 500;
/** With thousands of tables a dashboard takes long to make: it is then kept for so many times as long. */
const REST = 5;

interface Made {
  readonly dashboard: Promise<Dashboard>;
  /** Milliseconds since 1970 until which it is shown; while it is made, not known. */
  until: number;
}

/** Dashboards of all instances, each made once for all who look at the same time. */
export class Dashboards {
  readonly #made = new Map<string, Made>();

  async of(instance: ConsoleInstance): Promise<Dashboard> {
    const { name } = instance;
    const { clock } = instance.host;
    const known = this.#made.get(name);
    const now = clock.now();
    if (known !== undefined && now < known.until) return known.dashboard;
    const made: Made = { dashboard: pipelineFacts(instance).then(assembleDashboard), until: Number.MAX_SAFE_INTEGER };
    this.#made.set(name, made);
    try {
      const dashboard = await made.dashboard;
      const ended = clock.now();
      made.until = ended + Math.max(FRESH_MILLISECONDS, (ended - now) * REST);
      return dashboard;
    } catch (error) {
      this.#made.delete(name);
      throw error;
    }
  }

  /** Something was changed here: the next answer shows it. */
  forget(name: string): void {
    this.#made.delete(name);
  }
}

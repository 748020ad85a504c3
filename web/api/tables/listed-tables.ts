import type { PipelineSettings } from '../../../core/pipeline/settings.ts';
import type { ListedTable } from '../../../core/sources/source-connector.ts';
import { candidateSettings } from '../configuration/candidate-settings.ts';
import { mappingAt, type ParsedConfiguration } from '../configuration/parsed-configuration.ts';
import type { ConsoleInstance } from '../console-host.ts';
import { ApiError } from '../problems/api-error.ts';
import { failureOf } from '../problems/problem-document.ts';
import type { Failure } from '../schemas/values.ts';

/** What a source has, as it was last asked. */
export interface Listed {
  /** Null: it could not be asked, see `problem`. */
  readonly tables: readonly ListedTable[] | null;
  readonly at: string | null;
  readonly problem: Failure | null;
}

/** How long a source's list is used, in milliseconds: pages of one list are asked for one after the other. */
const FRESH_MILLISECONDS = 60_000;
/** A failure is tried again sooner. */
const FAILED_MILLISECONDS = 3000;

interface Kept {
  readonly source: string;
  readonly until: number;
  readonly listed: Promise<Listed>;
}

/** The lists of all instances' sources. */
export class ListedTables {
  readonly #kept = new Map<string, Kept>();

  async of(instance: ConsoleInstance, parsed: ParsedConfiguration, refresh: boolean): Promise<Listed> {
    const section = mappingAt(parsed.raw, 'source');
    if (section === null) return { tables: null, at: null, problem: notSetUp('the source is not set up yet') };
    const source = JSON.stringify(section);
    const now = instance.host.clock.now();
    const kept = this.#kept.get(instance.name);
    if (kept?.source === source && !refresh && now < kept.until) {
      const known = await kept.listed;
      if (known.problem === null || now < kept.until - FRESH_MILLISECONDS + FAILED_MILLISECONDS) return known;
    }
    const listed = ask(instance, parsed);
    this.#kept.set(instance.name, { source, until: now + FRESH_MILLISECONDS, listed });
    return listed;
  }

  forget(name: string): void {
    this.#kept.delete(name);
  }
}

async function ask(instance: ConsoleInstance, parsed: ParsedConfiguration): Promise<Listed> {
  try {
    const settings = sourceSettings(parsed);
    // Not the asker's own signal: others wait for the same list.
    const tables = await instance.source.listTables(settings, new AbortController().signal);
    return { tables, at: instance.host.clock.timestamp(), problem: null };
  } catch (error) {
    const problem = error instanceof ApiError ? notSetUp(error.message) : failureOf(error);
    return { tables: null, at: null, problem };
  }
}

/** Settings by which the source can be asked, however incomplete the rest is. @throws ApiError 422 */
export function sourceSettings(parsed: ParsedConfiguration): PipelineSettings {
  return parsed.settings ?? candidateSettings(parsed, 'source', {});
}

function notSetUp(message: string): Failure {
  return { code: 'PS1001', message, remedy: 'Set up the source first.', table: null };
}

import type { SectionValue } from '../../../api/schemas/configuration.ts';
import { scalarText } from '../../forms/draft.ts';

export const KINDS = ['automatic', 'manual', 'periodic', 'daily', 'weekly', 'monthly'] as const;
export type ScheduleKind = (typeof KINDS)[number];
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const PERIOD_UNITS = ['days', 'hours', 'minutes', 'seconds'] as const;
export const OFFSET_UNITS = ['days', 'hours', 'minutes'] as const;

/** A length of time as it is typed, by unit; an empty text is 0. */
export type Amounts = Readonly<Record<string, string>>;

/** What the form shows; what belongs to other kinds stays while another one is chosen. */
export interface ScheduleDraft {
  readonly kind: ScheduleKind;
  readonly every: Amounts;
  readonly offset: Amounts;
  /** `HH:MM` */
  readonly at: string;
  readonly zone: string;
  readonly days: readonly string[];
  readonly day: string;
}

/** The section as it is written → its form. @param value null: the section is not there, changes are followed @param zone of a new one */
export function scheduleDraft(value: SectionValue | null, zone: string): ScheduleDraft {
  const given: Readonly<Record<string, unknown>> = value ?? {};
  const days = given['days'];
  return {
    kind: KINDS.find((kind) => kind === given['type']) ?? 'automatic',
    every: amountsOf(PERIOD_UNITS, given['every']),
    offset: amountsOf(OFFSET_UNITS, given['offset']),
    at: scalarText(given['at']),
    // Where a time of day is written without a zone, it is in UTC.
    zone: scalarText(given['zone']) || (given['at'] === undefined ? zone : 'UTC'),
    days: Array.isArray(days) ? days.map(scalarText) : [],
    day: scalarText(given['day']),
  };
}

function amountsOf(units: readonly string[], value: unknown): Amounts {
  const given = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  return Object.fromEntries(units.map((unit) => [unit, scalarText(given[unit])]));
}

/** The form → the section; `restoreOnStartup` belongs to the page of operations and stays as it was. */
export function scheduleValue(draft: ScheduleDraft, before: SectionValue | null): SectionValue {
  const { kind } = draft;
  const kept = before?.['restoreOnStartup'];
  const restore: SectionValue = kept === undefined ? {} : { restoreOnStartup: kept };
  const { at, zone } = draft;
  switch (kind) {
    case 'automatic':
    case 'manual':
      return { type: kind, ...restore };
    case 'periodic': {
      const offset = writtenAmounts(draft.offset);
      return {
        type: kind,
        every: writtenAmounts(draft.every),
        ...(Object.keys(offset).length === 0 ? {} : { offset }),
        ...restore,
      };
    }
    case 'daily':
      return { type: kind, at, zone, ...restore };
    case 'weekly':
      return { type: kind, days: WEEKDAYS.filter((day) => draft.days.includes(day)), at, zone, ...restore };
    case 'monthly':
      return { type: kind, day: Number(draft.day), at, zone, ...restore };
  }
}

function writtenAmounts(amounts: Amounts): Record<string, number> {
  return Object.fromEntries(
    Object.entries(amounts).flatMap(([unit, text]): [string, number][] =>
      Number(text) === 0 ? [] : [[unit, Number(text)]],
    ),
  );
}

/** What is wrong with the form, by the path in the section. The server looks again, and further. */
export function scheduleProblems(draft: ScheduleDraft): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  switch (draft.kind) {
    case 'automatic':
    case 'manual':
      break;
    case 'periodic':
      for (const name of ['every', 'offset'] as const) {
        const isWrong = Object.values(draft[name]).some((text) => !/^\s*\d*\s*$/.test(text));
        if (isWrong) problems.set(name, 'Whole numbers');
      }
      if (!problems.has('every') && Object.keys(writtenAmounts(draft.every)).length === 0) {
        problems.set('every', 'At least one second');
      }
      break;
    case 'weekly':
      if (draft.days.length === 0) problems.set('days', 'At least one day');
      timeProblem(draft, problems);
      break;
    case 'monthly':
      if (!/^(?:[1-9]|[12]\d|3[01])$/.test(draft.day)) problems.set('day', 'A day from 1 to 31');
      timeProblem(draft, problems);
      break;
    case 'daily':
      timeProblem(draft, problems);
  }
  return problems;
}

function timeProblem({ at }: ScheduleDraft, problems: Map<string, string>): void {
  if (!/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(at)) problems.set('at', 'A time of day from 00:00 to 23:59');
}

import type { TableQuery } from '../../../api/schemas/tables.ts';

/** Tables by where they stand: part of the address of this page, `?standing=verified-different`. */
export type Standing = Pick<TableQuery, 'state' | 'verified'>;

interface Choice {
  /** Empty: all tables. */
  readonly value: string;
  readonly label: string;
  readonly standing: Standing;
}

export const STANDINGS: readonly Choice[] = [
  { value: '', label: 'All tables', standing: {} },
  { value: 'new', label: 'To be copied', standing: { state: 'new' } },
  { value: 'copying', label: 'Being copied', standing: { state: 'copying' } },
  { value: 'following', label: 'Following', standing: { state: 'following' } },
  { value: 'stopped', label: 'Stopped', standing: { state: 'stopped' } },
  { value: 'verified-equal', label: 'Verified: equal', standing: { verified: 'equal' } },
  { value: 'verified-different', label: 'Verified: different', standing: { verified: 'different' } },
  { value: 'verified-unsettled', label: 'Verified: unsettled', standing: { verified: 'unsettled' } },
  { value: 'verified-stale', label: 'Verified before it was changed', standing: { verified: 'stale' } },
  { value: 'verified-never', label: 'Never verified', standing: { verified: 'never' } },
];

export function standingOf(value: string): Standing {
  return STANDINGS.find((choice) => choice.value === value)?.standing ?? {};
}

/** What an address asks for; all tables where it asks for nothing that is known. @param search `standing=stopped` */
export function standingIn(search: string): string {
  const value = new URLSearchParams(search).get('standing') ?? '';
  return STANDINGS.some((choice) => choice.value === value) ? value : '';
}

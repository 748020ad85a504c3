import { useState } from 'react';
import type { ReportKind } from './report-kinds.ts';

/** The columns that the user has switched off, kept in this browser. */
export function useHiddenColumns(
  kind: ReportKind,
): readonly [hidden: ReadonlySet<string>, hide: (columns: readonly string[]) => void] {
  const [chosen, setChosen] = useState<Readonly<Partial<Record<ReportKind, readonly string[]>>>>({});
  const hide = (columns: readonly string[]): void => {
    setChosen({ ...chosen, [kind]: columns });
    try {
      localStorage.setItem(keyOf(kind), JSON.stringify(columns));
    } catch {
      // A browser that keeps nothing shows all columns the next time.
    }
  };
  return [new Set(chosen[kind] ?? keptOf(kind)), hide];
}

function keptOf(kind: ReportKind): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(kind)) ?? '[]');
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

function keyOf(kind: ReportKind): string {
  return `penstock.reports.${kind}.hidden`;
}

import { SOURCE_KINDS } from './kinds.ts';
import type { SourceKind } from './source-definition.ts';

/** How kinds of sources tell their places; each knows its own. */
const TEXTS = [
  ...new Set((SOURCE_KINDS as readonly SourceKind<unknown>[]).flatMap(({ placeText }) => placeText ?? [])),
];

/** A position's order (or what stands for one, as a chunk of a copy) as people read it. */
export function placeText(order: string): string {
  for (const text of TEXTS) {
    const told = text(order);
    if (told !== null) return told;
  }
  return order;
}

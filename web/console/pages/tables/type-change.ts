/** The vendor's TChange: what a column becomes. */
export interface TypeChangeKind {
  /** `@I`; those with a format have it in brackets. */
  readonly letter: string;
  readonly label: string;
  /** A format to begin with; null: it takes none. */
  readonly format: string | null;
}

export const TYPE_CHANGES: readonly TypeChangeKind[] = [
  { letter: 'I', label: 'Integer, 32 bit (@I)', format: null },
  { letter: 'L', label: 'Long, 64 bit (@L)', format: null },
  { letter: 'F', label: 'Float (@F)', format: null },
  { letter: 'D', label: 'Date (@D)', format: 'yyyyMMdd' },
  { letter: 'T', label: 'Timestamp (@T)', format: 'yyyy-MM-dd HH:mm:ss' },
  { letter: 'S', label: 'Text (@S)', format: null },
];

/** `@D(yyyyMMdd)` → its letter and its format. */
export function parseTypeChange(text: string | undefined): { readonly letter: string; readonly format: string } | null {
  const match = /^@([ILFSDT])(?:\((.*)\))?$/s.exec(text ?? '');
  return match === null ? null : { letter: match[1] ?? '', format: match[2] ?? '' };
}

export function typeChangeText(letter: string, format?: string): string {
  const first = TYPE_CHANGES.find((candidate) => candidate.letter === letter)?.format ?? null;
  return first === null ? `@${letter}` : `@${letter}(${format ?? first})`;
}

import { addedColumns, type AddedColumn } from './added-columns.ts';

/** What a change of structure means for those who follow the table. */
export type DdlEffect =
  | { readonly tag: 'truncate' }
  /** Rows came or went unseen, or columns are not what they were called. */
  | { readonly tag: 'obstacle'; readonly reason: string }
  /** The structure may be another one, which is to be looked at. `added`: columns that it adds; null: it cannot be told. `parts`: whether partitions are made, or ended, their rows being in others then. */
  | {
      readonly tag: 'altered';
      readonly added: readonly AddedColumn[] | null;
      readonly parts: 'none' | 'made' | 'ended';
    };

/** Comments, strings and quoted names, in which no keyword counts. */
const PASSED_OVER = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"[^"]*"/g;

/** The first that fits counts. Catalogs tell a column by its name alone: so what gives a name to another one has to be told here. */
const OBSTACLES: readonly (readonly [RegExp, string])[] = [
  [/^\s*DROP\s+TABLE\b/i, 'the table was dropped'],
  [/^\s*FLASHBACK\s+TABLE\b/i, 'the table was set back to an earlier state'],
  [/^\s*RENAME\b/i, 'the table was renamed'],
  [/^\s*ALTER\s+TABLE\b.*\bRENAME\s+TO\b/is, 'the table was renamed'],
  [/^\s*ALTER\s+TABLE\b.*\bRENAME\s+COLUMN\b/is, 'a column was renamed'],
  [/^\s*ALTER\s+TABLE\b.*\b(?:DROP|TRUNCATE)\s+(?:SUB)?PARTITIONS?\b/is, 'rows went with a partition'],
  [/^\s*ALTER\s+TABLE\b.*\bEXCHANGE\s+(?:SUB)?PARTITION\b/is, 'a partition was exchanged for a table'],
  [/^\s*ALTER\s+TABLE\b.*\bDROP\s*(?:COLUMN\b|\()/is, 'a column was dropped'],
  [/^\s*ALTER\s+TABLE\b.*\bSET\s+UNUSED\b/is, 'a column was dropped'],
];

const PARTS = /^\s*ALTER\s+TABLE\b.*\b(?:SUB)?PARTITIONS?\b/is;
const ENDS_PARTS = /^\s*ALTER\s+TABLE\b.*\b(?:SPLIT|MERGE|COALESCE)\s+(?:SUB)?PARTITIONS?\b/is;

/** Reads the text of a statement as the redo log holds it. */
export function ddlEffect(sql: string): DdlEffect {
  const words = sql.replaceAll(PASSED_OVER, (part) => (part.startsWith('"') ? '""' : ' '));
  if (/^\s*TRUNCATE\s+TABLE\b/i.test(words)) return { tag: 'truncate' };
  const found = OBSTACLES.find(([pattern]) => pattern.test(words));
  if (found !== undefined) return { tag: 'obstacle', reason: found[1] };
  const parts = ENDS_PARTS.test(words) ? 'ended' : PARTS.test(words) ? 'made' : 'none';
  return { tag: 'altered', added: addedColumns(sql), parts };
}

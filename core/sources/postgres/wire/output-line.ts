import { decodeField } from '../../../extracts/row-encoding.ts';

const PAGE_ESCAPES: Readonly<Record<string, string>> = { f: '\f', v: '\v' };

/** One line of COPY without its line end → its fields. COPY escapes two characters more than LOAD DATA does. */
export function parseLine(line: string): (string | null)[] {
  return line.split('\t').map((field) => {
    if (!field.includes('\\')) return field;
    if (!/\\[fv]/.test(field)) return decodeField(field);
    return decodeField(field.replace(/\\(.)/gs, (escape, letter: string) => PAGE_ESCAPES[letter] ?? escape));
  });
}

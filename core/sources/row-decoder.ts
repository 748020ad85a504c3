import type { Misfit } from '../changes/change.ts';
import { applyTypeChange } from '../changes/type-change.ts';
import type { ReadColumn, ReadTable } from './reading.ts';

/** One column: from the server's output text to the canonical text. */
export interface ColumnDecoder {
  readonly name: string;
  readonly isMasked: boolean;
  readonly mustBeSet: boolean;
  /** Null: the output text is the canonical text and always fits. */
  readonly read: ((output: string) => string | null | RowMisfit) | null;
}

/** Why a value does not fit. An object, so that it can be told from a text at no cost. */
export interface RowMisfit {
  readonly reason: string;
}

const NULL_IN_KEY = 'NULL in a key column';

export function columnDecoders(table: ReadTable): ColumnDecoder[] {
  return table.columns.map(columnDecoder);
}

export function columnDecoder(column: ReadColumn): ColumnDecoder {
  return { name: column.column.name, isMasked: column.isMasked, mustBeSet: column.mustBeSet, read: readerOf(column) };
}

function readerOf({ reading, change }: ReadColumn): ((output: string) => string | null | RowMisfit) | null {
  if (change !== null) {
    return (output) => {
      const changed = applyTypeChange(change, output);
      return changed.tag === 'value' ? changed.text : { reason: changed.reason };
    };
  }
  const { misfit, decode } = reading;
  if (misfit === null) return decode;
  return (output) => {
    const reason = misfit(output);
    if (reason !== null) return { reason };
    return decode === null ? output : decode(output);
  };
}

/** A row of output texts → canonical texts, and the first value that does not fit; that one stays as it was. */
export function canonicalRow(
  decoders: readonly ColumnDecoder[],
  outputs: readonly (string | null)[],
): { readonly values: (string | null)[]; readonly misfit: Misfit | null } {
  let misfit: Misfit | null = null;
  const values = decoders.map((decoder, index) => {
    const output = outputs[index] ?? null;
    if (decoder.isMasked) return null;
    if (output === null) {
      if (decoder.mustBeSet) misfit ??= { column: decoder.name, reason: NULL_IN_KEY };
      return null;
    }
    const value = decoder.read === null ? output : decoder.read(output);
    if (value === null || typeof value === 'string') return value;
    misfit ??= { column: decoder.name, reason: value.reason };
    return output;
  });
  return { values, misfit };
}

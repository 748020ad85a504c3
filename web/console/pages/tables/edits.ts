import type { TableChange, TableOptions, TableRow } from '../../../api/schemas/tables.ts';

/** What the user changed and has not applied yet, by table id. */
export type Edits = ReadonlyMap<string, Edit>;

export interface Edit {
  readonly selected?: boolean;
  readonly options?: Partial<TableOptions>;
}

/** A table with what was changed. */
export interface Chosen {
  readonly selected: boolean;
  readonly options: TableOptions;
}

/** Of a table that nobody chose anything for. */
export const DEFAULT_OPTIONS: TableOptions = {
  transfer: null,
  key: null,
  mask: [],
  where: null,
  skipInitialExtract: false,
  redoInitialExtract: false,
  typeChange: {},
  timestampColumn: null,
  misfits: null,
  structure: null,
};

type Saved = Pick<TableRow, 'id' | 'selected' | 'options'>;

export function chosenOf(edits: Edits, table: Saved): Chosen {
  const edit = edits.get(table.id);
  return {
    selected: edit?.selected ?? table.selected,
    options: { ...DEFAULT_OPTIONS, ...table.options, ...edit?.options },
  };
}

/** What one choice changes. */
export type Step = { readonly selected: boolean } | { readonly options: Partial<TableOptions> };

export function withStep(edits: Edits, tables: readonly Saved[], step: Step): Edits {
  const next = new Map(edits);
  for (const table of tables) {
    const before = next.get(table.id);
    const edit = 'selected' in step ? chosen(before, table, step.selected) : changed(before, table, step.options);
    if (Object.keys(edit).length === 0) next.delete(table.id);
    else next.set(table.id, edit);
  }
  return next;
}

function chosen(before: Edit | undefined, table: Saved, selected: boolean): Edit {
  const options = before?.options;
  return {
    ...(selected === table.selected ? {} : { selected }),
    // Options of a table that is not chosen any more have nothing to stand with.
    ...(options === undefined || !selected ? {} : { options }),
  };
}

/** Options of a table that is not chosen yet choose it. */
function changed(before: Edit | undefined, table: Saved, options: Partial<TableOptions>): Edit {
  const saved: TableOptions = { ...DEFAULT_OPTIONS, ...table.options };
  const differing = Object.entries({ ...before?.options, ...options }).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(saved[name as keyof TableOptions]),
  );
  return {
    ...(table.selected ? {} : { selected: true }),
    ...(differing.length === 0 ? {} : { options: Object.fromEntries(differing) }),
  };
}

export function changesOf(edits: Edits): TableChange[] {
  return [...edits].map(([table, edit]) => ({ table, ...edit }));
}

import { isMap, isScalar, isSeq, type Document, type YAMLMap, type YAMLSeq } from 'yaml';
import { parseTableName, tableId } from '../../../core/changes/table-name.ts';
import { ApiError } from '../problems/api-error.ts';
import type { TableOptions } from '../schemas/tables.ts';
import { documentText, mergeInto, openDocument } from './edit-document.ts';
import { isMapping, type Mapping } from './parsed-configuration.ts';

/** A change of one table after parsing. */
export interface TableEdit {
  readonly table: string;
  readonly selected?: boolean | undefined;
  readonly options?: { readonly [Name in keyof TableOptions]?: TableOptions[Name] | undefined } | undefined;
}

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

const OPTION_NAMES = Object.keys(DEFAULT_OPTIONS) as (keyof TableOptions)[];

/** The text with all changes made. Pure. @throws ApiError 422 where a change names no table, or sets options of one that is not chosen */
export function editedTables(
  text: string,
  edits: readonly TableEdit[],
): { text: string; changed: number; selected: number } {
  const document = openDocument(text);
  const list = tableList(document);
  const nodes = new Map<string, YAMLMap>();
  for (const node of list.items) if (isMap(node)) nodes.set(canonicalId(String(node.get('name'))) ?? '', node);
  const dropped = new Set<unknown>();
  const changed = new Set<string>();
  edits.forEach((edit, index) => {
    const id = canonicalId(edit.table);
    if (id === null) throw refusal(index, 'table', `${edit.table} is not of the form schema.table`);
    const there = nodes.get(id);
    if (edit.selected === false) {
      if (there === undefined) return;
      nodes.delete(id);
      dropped.add(there);
      changed.add(id);
      return;
    }
    if (there === undefined && edit.selected !== true) {
      throw refusal(index, 'options', `${id} is not chosen, and has no options`);
    }
    const node = there ?? document.createNode({ name: id });
    if (there === undefined) {
      list.items.push(node);
      nodes.set(id, node);
      changed.add(id);
    }
    if (edit.options !== undefined && setOptions(document, node, edit.options)) changed.add(id);
  });
  if (dropped.size > 0) list.items = list.items.filter((node) => !dropped.has(node));
  if (list.items.length === 0) document.delete('tables');
  return { text: changed.size === 0 ? text : documentText(document), changed: changed.size, selected: nodes.size };
}

/** The options of a table as they are written, with defaults as null or empty. */
export function writtenOptions(entry: Mapping): TableOptions {
  const given = OPTION_NAMES.filter((name) => entry[name] !== undefined);
  return { ...DEFAULT_OPTIONS, ...Object.fromEntries(given.map((name) => [name, entry[name]])) };
}

/** By table id; entries that are no mapping or have no name are left out. */
export function writtenTables(raw: Mapping): ReadonlyMap<string, Mapping> {
  const { tables } = raw;
  const entries = (Array.isArray(tables) ? tables : []).filter(isMapping);
  return new Map(
    entries.flatMap((entry): [string, Mapping][] => {
      const id = canonicalId(String(entry['name']));
      return id === null ? [] : [[id, entry]];
    }),
  );
}

export function canonicalId(name: string): string | null {
  const parsed = parseTableName(name);
  return parsed === null ? null : tableId(parsed);
}

function tableList(document: Document): YAMLSeq {
  const there = document.get('tables', true);
  if (isSeq(there)) return there;
  if (there !== undefined && there !== null && !(isScalar(there) && there.value === null)) {
    throw new ApiError(409, '`tables` of the file is not a list', { remedy: 'Mend it in an editor first.' });
  }
  const made = document.createNode([]) as YAMLSeq;
  document.set('tables', made);
  return made;
}

/** @returns whether anything is otherwise now */
function setOptions(document: Document, node: YAMLMap, options: NonNullable<TableEdit['options']>): boolean {
  const before = node.toJS(document) as Mapping;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of given) {
    const standard = DEFAULT_OPTIONS[name as keyof TableOptions];
    // What is as by default is not written.
    after[name] = JSON.stringify(value) === JSON.stringify(standard) ? undefined : value;
  }
  mergeInto(document, node, after, ['name']);
  return JSON.stringify(before) !== JSON.stringify(node.toJS(document));
}

function refusal(index: number, name: string, message: string): ApiError {
  return new ApiError(422, message, { problems: [{ path: ['changes', index, name], message }] });
}

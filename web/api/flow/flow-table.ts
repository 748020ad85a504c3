import { ApiError } from '../problems/api-error.ts';
import type { TableOptions } from '../schemas/tables.ts';
import { flagOf, type FlowPair } from './flow-names.ts';

export interface FlowTable {
  readonly select: boolean | null;
  readonly options: Partial<TableOptions>;
  readonly unknown: ReadonlyMap<string, FlowPair['value']>;
}

type Read = (value: FlowPair['value'], name: string) => Partial<TableOptions>;

/** Every name under which an option is taken, in small letters without `_` and `-`. */
const OPTIONS: Readonly<Record<string, Read>> = {
  withhistory: (value, name) => ({ transfer: flag(value, name) ? 'history' : 'mirror' }),
  history: (value, name) => ({ transfer: flag(value, name) ? 'history' : 'mirror' }),
  transfertype: (value) => ({ transfer: /history/i.test(String(value)) ? 'history' : 'mirror' }),
  transfer: (value) => ({ transfer: /history/i.test(String(value)) ? 'history' : 'mirror' }),
  key: (value) => ({ key: listOf(value) }),
  pkey: (value) => ({ key: listOf(value) }),
  primarykey: (value) => ({ key: listOf(value) }),
  mask: (value) => ({ mask: listOf(value) ?? [] }),
  where: (value) => ({ where: value === null || value === '' ? null : String(value) }),
  skipinitialextract: (value, name) => ({ skipInitialExtract: flag(value, name) }),
  skipinitial: (value, name) => ({ skipInitialExtract: flag(value, name) }),
  redoinitialextract: (value, name) => ({ redoInitialExtract: flag(value, name) }),
  redoinitial: (value, name) => ({ redoInitialExtract: flag(value, name) }),
  tchange: (value, name) => ({ typeChange: changesOf(value, name) }),
  typechange: (value, name) => ({ typeChange: changesOf(value, name) }),
};

/** @throws ApiError 422 */
export function tableOf(sent: ReadonlyMap<string, FlowPair['value']>): FlowTable {
  const unknown = new Map<string, FlowPair['value']>();
  let select: boolean | null = null;
  let options: Partial<TableOptions> = {};
  for (const [name, value] of sent) {
    const plain = name.replaceAll(/[_-]/g, '');
    const read = OPTIONS[plain];
    if (plain === 'select' || plain === 'selected') select = flag(value, name);
    else if (read === undefined) unknown.set(name, value);
    else options = { ...options, ...read(value, name) };
  }
  return { select, options, unknown };
}

function flag(value: FlowPair['value'], name: string): boolean {
  return flagOf(value) ?? refuse(name, `${name} ${String(value)}: expected true or false`);
}

function listOf(value: FlowPair['value']): string[] | null {
  const names = String(value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return names.length === 0 ? null : names;
}

/** `{"column": "@D(yyyyMMdd)"}`, or `column=@I` separated by semicolons. */
function changesOf(value: FlowPair['value'], name: string): Record<string, string> {
  const text = String(value ?? '');
  if (text.startsWith('{')) {
    try {
      const parsed: unknown = JSON.parse(text);
      return Object.fromEntries(Object.entries(parsed as object).map(([column, type]) => [column, String(type)]));
    } catch {
      return refuse(name, `${name}: expected an object of columns and their types`);
    }
  }
  const parts = text.split(';').filter((part) => part.trim() !== '');
  return Object.fromEntries(
    parts.map((part) => {
      const [column = '', type = ''] = part.split('=').map((side) => side.trim());
      return [column, type];
    }),
  );
}

function refuse(name: string, message: string): never {
  throw new ApiError(422, message, { problems: [{ path: [name], message }] });
}

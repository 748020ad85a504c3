import * as z from 'zod';

/** What becomes of each kind of change of a table's structure; `wait`: it stops the table until `sync-structure --apply`. */
export interface StructurePolicy {
  readonly add: 'automatic' | 'wait';
  readonly widen: 'automatic' | 'wait';
  readonly rename: 'automatic' | 'wait';
  /** `keep`: the destination keeps the column with the values that it has. `drop`: it is dropped there, with its values. */
  readonly drop: 'keep' | 'drop' | 'wait';
  readonly narrow: 'automatic' | 'wait';
  readonly key: 'automatic' | 'wait';
}

const automaticOrWait = z.enum(['automatic', 'wait']);
const drop = z.enum(['keep', 'drop', 'wait']);

/** The section `structure` of a pipeline. */
export const structureSchema = z.strictObject({
  add: automaticOrWait.default('automatic').describe('A column is added.'),
  widen: automaticOrWait.default('automatic').describe('A type gets wider.'),
  rename: automaticOrWait
    .default('wait')
    .describe('A column is renamed, where the source numbers its columns, which proves it.'),
  drop: drop
    .default('wait')
    .describe(
      'A column is dropped at the source: `keep` it at the destination with its values, or `drop` it there with them.',
    ),
  narrow: automaticOrWait.default('wait').describe('A type gets narrower, and every value at the destination fits it.'),
  key: automaticOrWait
    .default('wait')
    .describe('The key changes, and the rows at the destination suffice to make the table anew under it.'),
});

/** What a table has of its own. */
export const structureOverride = z
  .strictObject({
    add: automaticOrWait.exactOptional(),
    widen: automaticOrWait.exactOptional(),
    rename: automaticOrWait.exactOptional(),
    drop: drop.exactOptional(),
    narrow: automaticOrWait.exactOptional(),
    key: automaticOrWait.exactOptional(),
  })
  .describe('As `structure` below, for this table.');

/** Everything that loses no value by itself is done: what `sync-structure --apply` does. `drop` as it is asked for. */
export function applyAll(drops: 'keep' | 'drop'): StructurePolicy {
  return {
    add: 'automatic',
    widen: 'automatic',
    rename: 'automatic',
    drop: drops,
    narrow: 'automatic',
    key: 'automatic',
  };
}

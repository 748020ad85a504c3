import type { CopyMark } from '../changes/copy-mark.ts';
import type { TableSelection } from '../sources/source-connector.ts';
import type { TableKeeping } from './extract-buffer.ts';

/** A table whose changes are extracted. */
export interface FollowedTable {
  readonly id: string;
  readonly selection: TableSelection;
  readonly keeping: TableKeeping;
  /** Where its copy was made: changes up to there are left out. Empty: all changes are taken. */
  readonly marks: readonly CopyMark[];
}

/** A table that was followed and is not at the source any more: its changes are lost from here on. */
export interface VanishedTable extends FollowedTable {
  readonly reason: string;
}

import type { MiningMode } from '../../../core/sources/oracle/logs/mining-mode.ts';
import { continuousMine } from '../../../core/sources/oracle/logs/modes/continuous-mine.ts';
import { inPluggable } from '../../../core/sources/oracle/logs/modes/in-pluggable.ts';
import { onlineLogs } from '../../../core/sources/oracle/logs/modes/online-logs.ts';
import { JoinedRows } from '../../../core/sources/oracle/mining/joined-rows.ts';
import type { MinedRow } from '../../../core/sources/oracle/mining/mined-row.ts';
import { TransactionBuffer } from '../../../core/sources/oracle/mining/transaction-buffer.ts';
import { MUTATIONS, originalOf, replaced, type Mutation } from '../../fixtures/oracle-mining/mutations.ts';

const WINDOW_MODES: readonly MiningMode[] = [onlineLogs, continuousMine, inPluggable];

/** Each takes one rule of the reader away, those of the miner among them. The simulation has to find every one of them, or it finds nothing. */
export const ORACLE_MUTATIONS: Readonly<Record<string, Mutation>> = {
  ...MUTATIONS,
  "the window's floor forgets open work": floorForgets,
  'a statement of which the end was not read is dropped': unfinishedDropped,
  'memory has no bound': () => replaced(TransactionBuffer.prototype, 'settle', () => Promise.resolve()),
};

function floorForgets(): Disposable {
  const undo = new DisposableStack();
  for (const mode of WINDOW_MODES) {
    const plan = originalOf(mode, 'plan');
    undo.use(
      replaced(mode, 'plan', function (this: MiningMode, input) {
        const planned = plan.call(this, input);
        return planned === null ? null : { ...planned, next: { ...planned.next, floor: planned.next.scn + 1n } };
      }),
    );
  }
  return undo;
}

/** What was begun when reading was cut off is passed over when it comes again. */
function unfinishedDropped(): Disposable {
  const begun = new WeakMap<JoinedRows, Set<string>>();
  const dropped = new WeakMap<JoinedRows, Set<string>>();
  const setOf = (sets: WeakMap<JoinedRows, Set<string>>, rows: JoinedRows) => {
    const known = sets.get(rows) ?? new Set<string>();
    sets.set(rows, known);
    return known;
  };
  const undo = new DisposableStack();
  const add = originalOf(JoinedRows.prototype, 'add');
  undo.use(
    replaced(JoinedRows.prototype, 'add', function (this: JoinedRows, row: MinedRow) {
      const place = `${row.thread} ${row.rsId} ${row.ssn}`;
      if (setOf(dropped, this).has(place)) return null;
      const whole = add.call(this, row);
      if (whole === null) setOf(begun, this).add(place);
      else setOf(begun, this).delete(place);
      return whole;
    }),
  );
  const restart = originalOf(JoinedRows.prototype, 'restart');
  undo.use(
    replaced(JoinedRows.prototype, 'restart', function (this: JoinedRows) {
      for (const place of setOf(begun, this)) setOf(dropped, this).add(place);
      setOf(begun, this).clear();
      restart.call(this);
    }),
  );
  return undo;
}

import type { RowChange, RowValues, SourceEvent } from '../../../changes/change.ts';
import { rowKeyOf } from '../../../changes/row-key.ts';
import type { TableName } from '../../../changes/table-name.ts';
import type { LoggedTable } from '../logged-table.ts';
import { Answers, type Question } from './answers.ts';
import { AskedKeys } from './asked-keys.ts';
import type { Answer, AskedChange } from './asked-values.ts';
import type { ToldEvent } from './committed-rows.ts';

/** `isAhead`: an earlier change of the row was told as it is at the end of the transaction. */
interface EarlyQuestion extends Question {
  readonly isAhead: boolean;
}

/** Events on their way out: rows whose values came in several statements become one, and what the log does not tell of them is asked for. */
export class ToldEvents {
  #events: ToldEvent[] = [];
  #asked: EarlyQuestion[] = [];
  readonly #askedKeys = new AskedKeys();
  readonly #answers: Answers;

  constructor(ask: (asked: readonly AskedChange[]) => Promise<readonly Answer[]>) {
    this.#answers = new Answers(ask);
  }

  add(event: Exclude<SourceEvent, { readonly tag: 'row' }>): void {
    if (event.tag === 'begin') this.#askedKeys.clear();
    this.#events.push(event);
  }

  /** A row left its key to one that had come there: see {@link ToldEvent}. */
  left(change: RowChange): void {
    this.#events.push({ tag: 'left', change });
  }

  /** Whether the row must be asked for: some of its values are not told, or it was told already as it is at the end of the transaction. */
  isAsked({ logged, change, ask }: AskedChange): boolean {
    return ask.length > 0 || this.#askedKeys.has(logged, change);
  }

  addRow(row: AskedChange): void {
    const { logged, change } = row;
    const isAhead = this.#askedKeys.has(logged, change);
    if ((row.ask.length > 0 || isAhead) && !hasNullInKey(logged, change)) this.#question(row, isAhead);
    this.#events.push({ tag: 'row', change });
  }

  /**
   * A row with large values comes in several statements, one behind the other: they are one change.
   * @returns whether the last event was of the row that this one sets large values of, and has them now
   */
  fold(later: AskedChange): boolean {
    const { logged } = later;
    const change = this.#lastOf(logged, later.change);
    if (change === null) return false;
    const index = this.#events.length - 1;
    const { after, misfit } = later.change;
    const values = laidOver(change.after ?? [], after ?? [], later.ask);
    const folded = { ...change, after: values, misfit: change.misfit ?? misfit };
    this.#events.pop();
    const question = this.#asked.at(-1)?.index === index ? this.#asked.pop() : undefined;
    const { rowId = null, ask: open = [] } = question?.asked ?? {};
    const isAhead = question?.isAhead === true;
    const ask = [...new Set([...open, ...later.ask])].filter((place) => values[place] === undefined);
    if (ask.length > 0 || isAhead) this.#question({ ...later, change: folded, ask, rowId }, isAhead);
    this.#events.push({ tag: 'row', change: folded });
    return true;
  }

  /** The events so far, with the values that had to be asked for. `hasLarge`: whether the last row may get large values by what is read next. */
  answered(hasLarge: (table: TableName) => boolean): AsyncGenerator<readonly SourceEvent[]> {
    const last = this.#events.at(-1);
    const isOpen = last?.tag === 'row' && last.change.after !== null && hasLarge(last.change.schema.table);
    const events = isOpen ? this.#events.slice(0, -1) : this.#events;
    const asked = this.#asked.filter(({ index }) => index < events.length);
    this.#asked = this.#asked.filter(({ index }) => index >= events.length).map((one) => ({ ...one, index: 0 }));
    this.#events = this.#events.slice(events.length);
    return this.#answers.of(events, asked);
  }

  /** About the next event. */
  #question(asked: AskedChange, isAhead: boolean): void {
    this.#askedKeys.add(asked.logged, asked.change);
    this.#asked.push({ index: this.#events.length, asked, isAhead });
  }

  /** The last event, where it is of the same row; null: it is not. */
  #lastOf({ hasKey, table: { schema } }: LoggedTable, { before, after }: RowChange): RowChange | null {
    const last = this.#events.at(-1);
    if (last?.tag !== 'row' || last.change.after === null || before !== null) return null;
    const { change } = last;
    const isSame = rowKeyOf(schema, change.after ?? []) === rowKeyOf(schema, after ?? []);
    return hasKey && change.schema === schema && isSame ? change : null;
  }
}

/** Values with those that were set later; the places of `ask` were, and it is not told to what. */
function laidOver(values: RowValues, later: RowValues, ask: readonly number[]): RowValues {
  return values.map((value, place) => (later[place] === undefined && !ask.includes(place) ? value : later[place]));
}

/** Such a row does not fit, and cannot be asked for by its key. */
function hasNullInKey({ identity, hasKey }: LoggedTable, { after }: RowChange): boolean {
  return hasKey && identity.some((place) => after?.[place] === null);
}

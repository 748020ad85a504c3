import type { SourceEvent } from '../../../changes/change.ts';
import type { Answer, AskedChange } from './asked-values.ts';
import { CommittedRows, type Asked, type ToldEvent } from './committed-rows.ts';

/** A change, by its place among the events, that is told as its row was at the transaction's end. */
export interface Question {
  readonly index: number;
  readonly asked: AskedChange;
}

/** Rows that are asked for at once: at first, and at most. */
const FIRST_ROWS = 8;
const MOST_ROWS = 100;
/** Characters of rows that are in memory at once, about. */
const CHARACTERS = 4 * 1024 * 1024;

/** Asks for rows, as many at a time as memory has room for, and gives out the events that are answered. */
export class Answers {
  readonly #ask: (asked: readonly AskedChange[]) => Promise<readonly Answer[]>;
  readonly #committed = new CommittedRows();
  #rows = FIRST_ROWS;

  constructor(ask: (asked: readonly AskedChange[]) => Promise<readonly Answer[]>) {
    this.#ask = ask;
  }

  async *of(events: readonly ToldEvent[], questions: readonly Question[]): AsyncGenerator<readonly SourceEvent[]> {
    let from = 0;
    for (let start = 0; start < questions.length;) {
      const some = questions.slice(start, start + this.#rows);
      start += some.length;
      const end = questions[start]?.index ?? events.length;
      const answers = await this.#ask(some.map(({ asked }) => asked));
      const answered = new Map<number, Asked>();
      for (const [number, { index, asked }] of some.entries()) {
        const answer = answers[number];
        if (answer === undefined) throw new Error('a change whose values were asked for has no answer');
        answered.set(index - from, { asked, answer });
      }
      this.#pace(answers);
      yield this.#committed.apply(events.slice(from, end), answered);
      from = end;
    }
    if (from < events.length) yield this.#committed.apply(events.slice(from), new Map());
  }

  /** Next time as many as have room if they are as large as these; at most twice as many. */
  #pace(answers: readonly Answer[]): void {
    let characters = 1;
    for (const answer of answers) {
      if (answer.tag !== 'row') continue;
      for (const value of answer.values) characters += value?.length ?? 0;
    }
    const fitting = Math.floor((CHARACTERS * answers.length) / characters);
    this.#rows = Math.max(1, Math.min(fitting, this.#rows * 2, MOST_ROWS));
  }
}

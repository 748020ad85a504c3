import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseLobRedo, type LobStep } from './lob-redo.ts';
import { RedoParser, type RedoReading } from './redo-parser.ts';
import type { RedoImage, RedoStatement, RedoValue } from './redo-statement.ts';

interface Line {
  readonly section: string;
  readonly text: string;
  /** JSON, or `fault: reason`. */
  readonly expected: string;
  readonly number: number;
}

function readCorpus(): Line[] {
  const file = new URL('../../../../test/fixtures/oracle-fake/redo-corpus.txt', import.meta.url);
  const lines = readFileSync(file, 'utf8').split('\n');
  const found: Line[] = [];
  let section = '';
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('# ')) section = line.slice(2);
    if (!line.startsWith('  = ')) continue;
    found.push({ section, text: lines[index - 1]!.replaceAll('␊', '\n'), expected: line.slice(4), number: index });
  }
  return found;
}

function shortValue(value: RedoValue): unknown {
  switch (value.tag) {
    case 'null':
      return null;
    case 'text':
      return value.text;
    case 'raw':
      return { raw: value.hex };
    case 'date':
      return { date: value.text, format: value.format };
    case 'xml':
      return { xml: value.bind };
    case 'emptyString':
    case 'emptyClob':
    case 'emptyBlob':
    case 'unsupported':
      return { [value.tag]: true };
    case 'number':
    case 'unicode':
    case 'timestamp':
    case 'timestampZone':
    case 'yearToMonth':
    case 'dayToSecond':
      return { [value.tag]: value.text };
  }
}

function shortImage({ names, values }: RedoImage): unknown {
  expect(values.length).toBe(names.length);
  return Object.fromEntries(names.map((name, index) => [name, shortValue(values[index]!)]));
}

function shortStatement(statement: RedoStatement): unknown {
  const { op, table } = statement;
  const rowId = op === 'insert' || statement.rowId === null ? {} : { rowId: statement.rowId };
  return {
    [op]: [table.owner, table.name],
    ...(op === 'delete' ? {} : { set: shortImage(statement.set) }),
    ...(op === 'insert' ? {} : { where: shortImage(statement.where) }),
    ...rowId,
  };
}

function shortStep(step: LobStep): unknown {
  switch (step.tag) {
    case 'locate': {
      const { table, column, where, rowId } = step;
      const more = rowId === null ? {} : { rowId };
      return { locate: [table.owner, table.name], column, where: shortImage(where), ...more };
    }
    case 'write':
      return { write: shortValue(step.content), amount: step.amount, offset: step.offset };
    case 'trim':
      return { trim: step.length };
    case 'erase':
      return { erase: step.amount, offset: step.offset };
  }
}

/** One parser for all lines, as in use: what it remembers of a table must not matter. */
const parsers: Readonly<Record<RedoReading, RedoParser>> = {
  strict: new RedoParser('strict'),
  relaxed: new RedoParser('relaxed'),
};

function read(section: string, text: string): { readonly fault: string; readonly offset: number } | string {
  if (section.startsWith('lob')) {
    const redo = parseLobRedo(text, parsers.strict);
    if (redo.tag === 'fault') return { fault: redo.reason, offset: redo.offset };
    return JSON.stringify({ steps: redo.steps.map(shortStep) });
  }
  const redo = parsers[section.startsWith('relaxed') ? 'relaxed' : 'strict'].parse(text);
  return redo.op === 'fault' ? { fault: redo.reason, offset: redo.offset } : JSON.stringify(shortStatement(redo));
}

const corpus = readCorpus();

describe.each([...new Set(corpus.map(({ section }) => section))])('%s', (section) => {
  it.each(corpus.filter((line) => line.section === section))('line $number: $text', ({ text, expected }) => {
    if (!expected.startsWith('fault: ')) {
      expect(read(section, text)).toBe(JSON.stringify(JSON.parse(expected)));
      return;
    }
    const offset = text.indexOf('¦');
    const found = read(section, text.replace('¦', ''));
    expect(found).toEqual({ fault: expected.slice('fault: '.length), offset });
  });
});

it('has lines enough', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(300);
});

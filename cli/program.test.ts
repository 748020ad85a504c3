import { describe, expect, it } from 'vitest';
import { UsageError } from './output/error-text.ts';
import { parseArguments, type ParsedArguments } from './program.ts';
import type { Verb } from './verb.ts';

const perform = () => Promise.reject(new Error('no'));

function verb(name: string, takesTables: boolean): Verb {
  const flags = takesTables ? ['--to <n>', '--dry-run'].map((text) => ({ flags: text, description: text })) : [];
  return { name, summary: name, takesTables, runsUntilStopped: false, flags, perform };
}

const verbs = [verb('check', false), verb('verify', true)];

function parse(...args: string[]): ParsedArguments & { readonly printed: string } {
  let printed = '';
  const output = { out: (text: string) => (printed += text), err: (text: string) => (printed += text) };
  return { ...parseArguments(verbs, '1.2.3', args, output), printed };
}

describe('arguments', () => {
  it('have defaults', () => {
    expect(parse('check')).toMatchObject({
      tag: 'request',
      request: { verb: { name: 'check' }, config: 'penstock.yaml', json: false, tables: null, values: {} },
    });
  });

  it('are taken after the verb', () => {
    expect(parse('verify', '--to', '7', '--dry-run')).toMatchObject({ request: { values: { to: '7', dryRun: true } } });
    expect(parse('verify', '--json', '--config', 'x.yaml', '--table', 'a.b', 'c.d', '-t', 'e.f')).toMatchObject({
      request: { config: 'x.yaml', json: true, tables: ['a.b', 'c.d', 'e.f'] },
    });
  });

  it('may ask for help and version', () => {
    expect(parse('--help')).toMatchObject({ tag: 'shown' });
    expect(parse('--help').printed).toContain('check [options]');
    expect(parse('verify', '--help').printed).toContain('--table <schema.table...>');
    expect(parse('--version').printed).toBe('1.2.3\n');
  });

  it.each([
    [[], 'a verb is missing'],
    [['chekc'], "unknown command 'chekc'\n(Did you mean check?)"],
    [['check', '--jsno'], "unknown option '--jsno'\n(Did you mean --json?)"],
    [['check', 'more'], "too many arguments for 'check'. Expected 0 arguments but got 1: more."],
    [['check', '--config'], "option '-c, --config <file>' argument missing"],
    [['check', '--table', 'a.b'], "unknown option '--table'"],
  ])('%j is refused', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });
});

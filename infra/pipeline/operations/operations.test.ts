import validate from 'asl-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { allStates, execute, type Ended, type Steps } from '../../../test/fixtures/local-execution.ts';
import {
  definitionOf,
  synthesisePipeline,
  type StateMachineDefinition,
  type SynthesisedPipeline,
} from '../../../test/fixtures/synthesised-pipeline.ts';
import { OPERATION_KINDS } from '../../../core/operations/shared-operation.ts';

const made = new Map<'fargate' | 'external', SynthesisedPipeline>();

beforeAll(async () => {
  for (const reader of ['fargate', 'external'] as const) made.set(reader, await synthesisePipeline({ reader }));
});

function definition(operation: string, reader: 'fargate' | 'external' = 'fargate'): StateMachineDefinition {
  return definitionOf(made.get(reader)!, operation);
}

const DEPLOYED = [
  ...OPERATION_KINDS.map((operation) => ({ operation, reader: 'fargate' as const })),
  ...OPERATION_KINDS.filter((operation) => operation !== 'manual-delta').map((operation) => ({
    operation,
    reader: 'external' as const,
  })),
];

describe.each(DEPLOYED)('the machine of $operation, reader $reader', ({ operation, reader }) => {
  it('is valid in the States Language', () => {
    const { isValid, errorsText } = validate(definition(operation, reader));
    expect(isValid ? '' : errorsText('\n')).toBe('');
  });

  it('is far below the limit of 1 MB, and of 64 kB for our own sake', () => {
    expect(JSON.stringify(definition(operation, reader)).length).toBeLessThan(65_536);
  });

  it('uses JSONPath only', () => {
    const text = JSON.stringify(definition(operation, reader));
    expect(text).not.toContain('JSONata');
    expect(text).not.toContain('{%');
  });

  it('tries again whatever it calls, and catches what fails for good', () => {
    const calls = unguarded(definition(operation, reader), false);
    expect(calls.seen).toBeGreaterThan(2);
    expect(calls.found).toEqual([]);
  });

  it('ends by itself at last', () => {
    expect(definition(operation, reader).TimeoutSeconds).toBeGreaterThan(3600);
    for (const [name, state] of allStates(definition(operation, reader))) {
      if (state.Type === 'Task') expect([name, state['TimeoutSeconds']]).toEqual([name, expect.any(Number)]);
    }
  });

  it('tries no error again that needs somebody', () => {
    const retried = allStates(definition(operation, reader)).flatMap(([, { Retry = [] }]) =>
      Retry.flatMap(({ ErrorEquals }) => ErrorEquals),
    );
    expect(retried).not.toContain('PenstockManual');
    expect(retried).not.toContain('PenstockNever');
    expect(retried).not.toContain('States.ALL');
  });
});

/** Calls without Retry, or without a Catch of their own or of the Parallel that they are in. */
function unguarded({ States }: StateMachineDefinition, isCaught: boolean): { seen: number; found: string[] } {
  const found: string[] = [];
  let seen = 0;
  for (const [name, state] of Object.entries(States)) {
    const catches = isCaught || (state.Catch ?? []).some(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'));
    if (state.Type === 'Task') {
      seen++;
      if ((state.Retry ?? []).length === 0) found.push(`${name}: no Retry`);
      if (!catches) found.push(`${name}: no Catch`);
    }
    const inner = [...(state.Branches ?? []), ...(state.ItemProcessor === undefined ? [] : [state.ItemProcessor])];
    for (const branch of inner) {
      const { seen: more, found: others } = unguarded(branch, state.Type === 'Parallel' ? catches : isCaught);
      seen += more;
      found.push(...others);
    }
  }
  return { seen, found };
}

/** Answers of functions, with what they were asked. */
class Functions {
  readonly asked: (readonly [string, Readonly<Record<string, unknown>>])[] = [];
  readonly steps: Steps;

  constructor(answers: Readonly<Record<string, (parameters: Readonly<Record<string, unknown>>) => unknown>>) {
    this.steps = Object.fromEntries(
      Object.entries({ ...DEFAULTS, ...answers }).map(([name, answer]) => [
        name,
        async (parameters: Readonly<Record<string, unknown>>) => {
          this.asked.push([name, parameters]);
          return Promise.resolve(answer(parameters));
        },
      ]),
    );
  }

  of(name: string): readonly Readonly<Record<string, unknown>>[] {
    return this.asked.filter(([step]) => step === name).map(([, parameters]) => parameters);
  }
}

const DEFAULTS = {
  Begin: ({ operation, kind }: Readonly<Record<string, unknown>>) => ({ operation, kind }),
  Plan: () => ({ more: false, workers: [0, 1], chunks: 4 }),
  LoadChunks: () => ({ loaded: 1, remaining: 0 }),
  FinishCopy: () => ({ state: 'done', tables: 0 }),
  NoteWorkersEnded: () => ({ state: 'copying', tables: null }),
  Copy: () => ({}),
  ReadLog: () => ({}),
  CopyNewTables: () => ({}),
  BeginRollback: () => ({ from: 9, to: 7, more: false }),
  SyncStructure: () => ({ changes: 2 }),
  Compare: () => ({ more: false, equal: 2, different: 1, unsettled: 0, notComparable: 0 }),
  Load: () => ({ more: false }),
  End: () => ({}),
  EndFailed: () => ({}),
};

class Named extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

const REQUEST = { tables: ['public.orders'] };

async function run(
  operation: string,
  functions: Functions,
  reader: 'fargate' | 'external' = 'fargate',
): Promise<Ended> {
  return execute({
    definition: definition(operation, reader),
    name: 'run-1',
    input: REQUEST,
    steps: functions.steps,
  });
}

describe('new tables', () => {
  it('are copied by one task beside the reader, and what waited for them is loaded', async () => {
    const more = [true, true, false];
    const functions = new Functions({ Load: () => ({ more: more.shift() }) });
    const ended = await run('sync-new-tables', functions);
    expect(ended.entered).toEqual([
      'Begin',
      'CopyNewTables',
      'Load',
      'Loaded',
      'Load',
      'Loaded',
      'Load',
      'Loaded',
      'End',
    ]);
    expect(functions.of('Begin')).toEqual([
      { operation: 'run-1', kind: 'sync-new-tables', beside: true, request: REQUEST },
    ]);
    const [{ Overrides } = {}] = functions.of('CopyNewTables');
    expect(Overrides).toMatchObject({
      ContainerOverrides: [
        {
          Command: ['main.mjs', 'new-tables'],
          Environment: [
            { Name: 'PENSTOCK_OPERATION', Value: 'run-1' },
            { Name: 'PENSTOCK_REQUEST', Value: JSON.stringify(REQUEST) },
          ],
        },
      ],
    });
    expect(functions.of('End')).toEqual([
      { operation: 'run-1', kind: 'sync-new-tables', beside: true, outcome: 'succeeded' },
    ]);
  });

  it('are copied as in a full extract where the reader is outside', async () => {
    const functions = new Functions({});
    expect((await run('sync-new-tables', functions, 'external')).entered).toContain('CopyAndLoad');
    expect(functions.of('Begin')).toEqual([{ operation: 'run-1', kind: 'sync-new-tables', request: REQUEST }]);
  });
});

describe('a full extract', () => {
  it('begins, plans, copies and loads side by side, and ends', async () => {
    let rounds = 0;
    const functions = new Functions({
      FinishCopy: () => ({ state: ++rounds < 3 ? 'copying' : 'done', tables: 1 }),
    });
    expect(await run('full-extract', functions)).toMatchObject({ tag: 'succeeded' });
    expect(functions.of('Begin')).toEqual([{ operation: 'run-1', kind: 'full-extract', request: REQUEST }]);
    expect(functions.of('Plan')).toEqual([
      { operation: 'run-1', kind: 'full-extract', request: REQUEST, attempt: 1, copyTasks: 2 },
    ]);
    expect(functions.of('LoadChunks')).toEqual([
      { operation: 'run-1' },
      { operation: 'run-1' },
      { operation: 'run-1' },
    ]);
    expect(functions.of('FinishCopy')[0]).toEqual({ operation: 'run-1', attempt: 1 });
    expect(functions.of('NoteWorkersEnded')).toEqual([{ operation: 'run-1', attempt: 1, workersEnded: true }]);
    expect(functions.of('End')).toEqual([{ operation: 'run-1', kind: 'full-extract', outcome: 'succeeded' }]);
  });

  it('starts a task for each worker of the plan, which learns its number', async () => {
    const functions = new Functions({});
    await run('full-extract', functions);
    const overrides = functions.of('Copy').map(({ Overrides }) => Overrides);
    expect(overrides).toEqual(
      ['0', '1'].map((worker) => ({
        ContainerOverrides: [
          {
            Name: 'penstock',
            Command: ['main.mjs', 'copy'],
            Environment: [
              { Name: 'PENSTOCK_OPERATION', Value: 'run-1' },
              { Name: 'PENSTOCK_WORKER', Value: worker },
              { Name: 'PENSTOCK_WORKERS', Value: '2' },
            ],
          },
        ],
      })),
    );
  });

  it('plans on while there is more', async () => {
    const answers = [{ more: true, workers: [], chunks: 100 }];
    const functions = new Functions({ Plan: () => answers.shift() ?? { more: false, workers: [0], chunks: 120 } });
    await run('full-extract', functions);
    expect(functions.of('Plan').map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  it('loads what an earlier run copied where no worker is of use', async () => {
    const functions = new Functions({ Plan: () => ({ more: false, workers: [], chunks: 0 }) });
    expect(await run('full-extract', functions)).toMatchObject({ tag: 'succeeded' });
    expect(functions.of('Copy')).toEqual([]);
    expect(functions.of('FinishCopy')).toHaveLength(1);
  });

  it('goes on where a worker dies, since others take its chunks', async () => {
    const functions = new Functions({
      Copy: ({ Overrides }) => {
        if (JSON.stringify(Overrides).includes('"PENSTOCK_WORKER","Value":"0"'))
          throw new Named('States.TaskFailed', 'exit 1');
        return {};
      },
    });
    expect(await run('full-extract', functions)).toMatchObject({ tag: 'succeeded' });
    // Worker 0 was tried three times.
    expect(functions.of('Copy')).toHaveLength(4);
    expect(functions.of('NoteWorkersEnded')).toHaveLength(1);
  });

  it('starts workers again where all ended too early, five times at most', async () => {
    const functions = new Functions({ FinishCopy: () => ({ state: 'stalled', tables: 1 }) });
    expect(await run('full-extract', functions)).toMatchObject({ tag: 'failed', error: 'PenstockManual' });
    expect(functions.of('Plan').map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
    expect(functions.of('NoteWorkersEnded').map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
    expect(functions.of('EndFailed')).toEqual([
      {
        operation: 'run-1',
        kind: 'full-extract',
        outcome: 'failed',
        error: { Error: 'PenstockManual', Cause: expect.stringContaining('ended 5 times') as unknown },
      },
    ]);
    expect(functions.of('End')).toEqual([]);
  });

  it('is done where a later attempt copies the rest', async () => {
    const states = ['stalled', 'copying', 'done'];
    const functions = new Functions({ FinishCopy: () => ({ state: states.shift(), tables: 1 }) });
    expect(await run('full-extract', functions)).toMatchObject({ tag: 'succeeded' });
    expect(functions.of('FinishCopy').map(({ attempt }) => attempt)).toEqual([1, 2, 2]);
  });

  it('takes no break while chunks wait to be loaded', async () => {
    const remaining = [7, 3, 0];
    const states = ['copying', 'copying', 'copying', 'done'];
    const functions = new Functions({
      LoadChunks: () => ({ loaded: 5, remaining: remaining.shift() ?? 0 }),
      FinishCopy: () => ({ state: states.shift(), tables: 1 }),
    });
    const { entered } = await run('full-extract', functions);
    expect(entered.filter((state) => state.startsWith('Wait'))).toEqual(['Wait5Seconds']);
    expect(functions.of('LoadChunks')).toHaveLength(4);
  });

  it('waits longer the longer it takes, and fails in order before an execution has too many events', async () => {
    const functions = new Functions({ FinishCopy: () => ({ state: 'copying', tables: 1 }) });
    const ended = await run('full-extract', functions);
    expect(ended).toMatchObject({ tag: 'failed', error: 'PenstockManual' });
    const waits = ended.entered.filter((state) => state.startsWith('Wait'));
    const counts = ['Wait5Seconds', 'Wait20Seconds', 'Wait120Seconds'].map(
      (name) => waits.filter((wait) => wait === name).length,
    );
    expect(counts).toEqual([24, 96, 1130]);
    // Entered and left are an event each; a call of a function has three more.
    const rounds = functions.of('LoadChunks').length;
    expect(rounds).toBe(1251);
    expect(rounds * (2 * 5 + 3 * 2) + 5 * 64 * 12).toBeLessThan(25_000);
    expect(functions.of('EndFailed')).toHaveLength(1);
  });

  it('with an external reader it waits until others have copied', async () => {
    const states = ['copying', 'copying', 'done'];
    const functions = new Functions({ FinishCopy: () => ({ state: states.shift(), tables: 1 }) });
    expect(await run('full-extract', functions, 'external')).toMatchObject({ tag: 'succeeded' });
    expect(functions.of('Copy')).toEqual([]);
    expect(functions.of('NoteWorkersEnded')).toEqual([]);
  });
});

describe('errors of steps', () => {
  it('that pass by themselves are tried again', async () => {
    let tries = 0;
    const functions = new Functions({
      Begin: ({ operation, kind }) => {
        if (++tries < 20) throw new Named('PenstockTimed', 'PS1007 the reader was asked to hand over');
        return { operation, kind };
      },
    });
    expect(await run('sync-new-tables', functions)).toMatchObject({ tag: 'succeeded' });
    expect(tries).toBe(20);
  });

  it('that need somebody end the operation at once, with the reason', async () => {
    const functions = new Functions({
      Plan: () => {
        throw new Named('PenstockManual', 'PS2001 the source cannot be reached');
      },
    });
    const ended = await run('full-extract', functions);
    expect(ended).toMatchObject({ tag: 'failed', error: 'PenstockManual' });
    expect(functions.of('Plan')).toHaveLength(1);
    const [failed] = functions.of('EndFailed');
    expect(failed).toMatchObject({ outcome: 'failed', error: { Error: 'PenstockManual' } });
  });

  it.each([['LoadChunks'], ['FinishCopy'], ['NoteWorkersEnded']])(
    'in a branch (%s) end the operation, too',
    async (name) => {
      const functions = new Functions({
        [name]: () => {
          throw new Named('PenstockNever', 'PS9001');
        },
        ...(name === 'NoteWorkersEnded' ? {} : { Copy: () => new Promise((resolve) => setTimeout(resolve, 50, {})) }),
      });
      expect(await run('full-extract', functions)).toMatchObject({ tag: 'failed', error: 'PenstockNever' });
      expect(functions.of('EndFailed')).toHaveLength(1);
      expect(functions.of('End')).toEqual([]);
    },
  );

  it('of the last step lead to the end of a failed operation', async () => {
    const functions = new Functions({
      End: () => {
        throw new Named('PenstockNever', 'PS9001');
      },
    });
    expect(await run('full-extract', functions)).toMatchObject({ tag: 'failed' });
    expect(functions.of('EndFailed')).toHaveLength(1);
  });

  it('of the end itself hide nothing', async () => {
    const broken = (): never => {
      throw new Named('PenstockNever', 'PS9001');
    };
    const functions = new Functions({
      Plan: () => {
        throw new Named('PenstockManual', 'PS2001');
      },
      EndFailed: broken,
    });
    expect(await run('full-extract', functions)).toMatchObject({ tag: 'failed', error: 'PenstockManual' });
  });
});

describe('the other operations', () => {
  it('Manual Delta reads the log in one task, then loads until nothing is left', async () => {
    const more = [true, true, false];
    const functions = new Functions({ Load: () => ({ more: more.shift() }) });
    expect(await run('manual-delta', functions)).toMatchObject({ tag: 'succeeded' });
    expect(functions.of('ReadLog')).toMatchObject([
      { LaunchType: 'FARGATE', Overrides: { ContainerOverrides: [{ Command: ['main.mjs', 'delta'] }] } },
    ]);
    expect(functions.of('Load')).toEqual([{ drain: true }, { drain: true }, { drain: true }]);
  });

  it('Rollback sets marks back and loads again', async () => {
    const functions = new Functions({});
    expect(await run('rollback', functions)).toMatchObject({ tag: 'succeeded' });
    expect(functions.asked.map(([name]) => name)).toEqual(['Begin', 'BeginRollback', 'Load', 'End']);
    expect(functions.of('BeginRollback')).toEqual([{ operation: 'run-1', request: REQUEST }]);
  });

  it('Rollback makes expired extracts again for as many calls as that takes', async () => {
    const more = [true, true, false];
    const functions = new Functions({ BeginRollback: () => ({ more: more.shift() }) });
    expect(await run('rollback', functions)).toMatchObject({ tag: 'succeeded' });
    const names = functions.asked.map(([name]) => name);
    expect(names).toEqual(['Begin', 'BeginRollback', 'BeginRollback', 'BeginRollback', 'Load', 'End']);
  });

  it('Verify compares for as many calls as that takes; that tables differ is its result', async () => {
    const more = [true, true, false];
    const functions = new Functions({ Compare: () => ({ more: more.shift(), different: 1 }) });
    const ended = await run('verify', functions);
    expect(ended).toMatchObject({ tag: 'succeeded', output: { verified: { more: false, different: 1 } } });
    expect(functions.asked.map(([name]) => name)).toEqual(['Begin', 'Compare', 'Compare', 'Compare', 'End']);
    expect(functions.of('Compare')[0]).toEqual({ operation: 'run-1', request: REQUEST });
  });

  it('Sync Struct changes structures and loads what waited for that', async () => {
    const functions = new Functions({});
    expect(await run('sync-structure', functions)).toMatchObject({ tag: 'succeeded' });
    expect(functions.asked.map(([name]) => name)).toEqual(['Begin', 'SyncStructure', 'Load', 'End']);
    expect(functions.of('Begin')).toEqual([{ operation: 'run-1', kind: 'sync-structure', request: REQUEST }]);
  });

  it('a delta that cannot be read ends the operation', async () => {
    const functions = new Functions({
      ReadLog: () => {
        throw new Named('States.TaskFailed', 'exit 1');
      },
    });
    expect(await run('manual-delta', functions)).toMatchObject({ tag: 'failed', error: 'States.TaskFailed' });
    expect(functions.of('Load')).toEqual([]);
  });
});

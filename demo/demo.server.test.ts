import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runDemo } from './demo.ts';
import { lineScreen } from './screen.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

/** Runs the demo as its own process; `onLine` sees each line of its output. */
async function spawnDemo(words: readonly string[], onLine: (line: string, stop: () => void) => void = () => undefined) {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    onLine(line, () => child.kill('SIGINT'));
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, lines, text: lines.join('\n') };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

test.each([
  ['postgres', 'public'],
  ['mysql', 'shop'],
] as const)('ends with equal tables: %s', async (source, schema) => {
  const lines: string[] = [];
  const options = { source, rows: 3000, seconds: 4, seed: 11, keep: false, tamper: false } as const;
  const isEqual = await runDemo(
    options,
    lineScreen((line) => lines.push(line)),
    new AbortController().signal,
  );
  const text = lines.join('\n');
  expect(isEqual, text).toBe(true);
  expect(
    lines.filter((line) => line.endsWith('  equal')),
    text,
  ).toHaveLength(8);
  expect(text).toContain('ALTER TABLE orders ADD COLUMN channel');
  expect(text).toMatch(
    new RegExp(`${schema}\\.prices is kept with history: [\\d,]+ versions, [\\d,]+ of them current`),
  );
  expect(text).not.toContain('undefined');
});

// A row that differs is looked at again behind a move of the log's head, which an idle reader makes once a minute.
test('sees one row that was changed at the destination, and exits with 1', async () => {
  const { exitCode, lines, text } = await spawnDemo(['--rows', '2000', '--seconds', '2', '--tamper']);
  expect(exitCode, text).toBe(1);
  expect(
    lines.filter((line) => line.endsWith('  equal')),
    text,
  ).toHaveLength(7);
  expect(text).toMatch(/public\.customers .* DIFFERENT: 1 row/);
  expect(text).toContain('public.customers: the row with key');
  expect(text).toContain('NOT EQUAL');
});

test('a signal stops it with its servers; kept running, it says how to connect', async () => {
  const { exitCode, text } = await spawnDemo(['--rows', '500', '--seconds', '1', '--keep'], (line, stop) => {
    if (line.includes('kill -INT')) stop();
  });
  // Equal, and stopped as it should be: that is success.
  expect(exitCode, text).toBe(0);
  const ports = [/source +psql '.*:(\d+)\//, /--port=(\d+)/].map((pattern) => Number(pattern.exec(text)?.[1]));
  for (const port of ports) {
    expect(port, text).toBeGreaterThan(0);
    expect(await isListening(port), `port ${port}`).toBe(false);
  }
});

test('a signal before the end exits with 130', async () => {
  const { exitCode, text } = await spawnDemo(['--rows', '500', '--seconds', '600'], (line, stop) => {
    if (line === 'Following the log') stop();
  });
  expect(exitCode, text).toBe(130);
});

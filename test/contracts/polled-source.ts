import { afterAll, beforeAll, describe } from 'vitest';
import { copyCases } from './source-connector/copy-cases.ts';
import { latePollCases } from './source-connector/late-poll-cases.ts';
import { pollCases } from './source-connector/poll-cases.ts';
import type { PolledSourceUnderTest } from './source-connector/polled-source.ts';
import { PollBench } from './source-connector/poll-bench.ts';
import type { ServerUnderTest } from './source-connector/source-under-test.ts';

/** What every source must do without its log: extract types Timestamps and Full Extracts. */
export function pollConnectorContract(name: string, source: PolledSourceUnderTest): void {
  describe(`${name}: contract of the extract types without a log`, () => {
    let server: ServerUnderTest;
    let bench: PollBench;
    beforeAll(async () => {
      server = await source.open();
      bench = await PollBench.open(server, source);
    });
    afterAll(async () => {
      await bench[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });
    pollCases(source, () => bench);
    latePollCases(source, () => bench);
    copyCases(() => bench);
  });
}

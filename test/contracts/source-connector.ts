import { afterAll, beforeAll, describe } from 'vitest';
import { abortCases } from './source-connector/abort-cases.ts';
import { checkCases } from './source-connector/check-cases.ts';
import { choiceCases, chunkCases } from './source-connector/choice-cases.ts';
import { driftCases } from './source-connector/drift-cases.ts';
import { fetchCases } from './source-connector/fetch-cases.ts';
import { handOffCases } from './source-connector/hand-off-cases.ts';
import { limitCases } from './source-connector/limit-cases.ts';
import { logCases } from './source-connector/log-cases.ts';
import { lossCases } from './source-connector/loss-cases.ts';
import { streamCases } from './source-connector/stream-cases.ts';
import { typeCases } from './source-connector/type-cases.ts';
import type { BreakableServer, ServerUnderTest, SourceUnderTest } from './source-connector/source-under-test.ts';

/** All of it; or what depends on how the log is read, where the same source is run whole with another way to read it. */
export type ContractScope = 'whole' | 'log';

/** What every source must do, on a real server. A new source gives a {@link SourceUnderTest}; see docs/adding-a-source.md. */
export function sourceConnectorContract(name: string, source: SourceUnderTest, scope: ContractScope = 'whole'): void {
  describe(`${name}: contract of the source connector`, () => {
    let shared: ServerUnderTest;
    let own: BreakableServer;
    beforeAll(async () => {
      [shared, own] = await Promise.all([source.openShared(), source.openOwn()]);
    });
    afterAll(async () => {
      await Promise.all([shared[Symbol.asyncDispose](), own[Symbol.asyncDispose]()]);
    });
    const contract = { source, dialect: source.dialect, shared: () => shared, own: () => own };
    if (scope === 'whole') {
      checkCases(contract);
      limitCases(contract);
      chunkCases(contract);
      fetchCases(contract);
      typeCases(contract);
      abortCases(contract);
    }
    choiceCases(contract);
    logCases(contract);
    streamCases(contract);
    handOffCases(contract);
    driftCases(contract);
    lossCases(contract);
  });
}

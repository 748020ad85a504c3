import type { MiningStep } from '../logs/mining-step.ts';
import type { MinedEvent } from './transaction-events.ts';
import { TransactionMiner, type MinerSettings } from './transaction-miner.ts';

/**
 * Committed transactions, in order, of what is mined behind a position. The consumer's pace is that of the mining: nothing is read while
 * a transaction is given out. `watch` is given the miner, for what it says of open transactions.
 */
export async function* minedTransactions(
  steps: AsyncIterable<MiningStep>,
  settings: MinerSettings,
  watch: (miner: TransactionMiner) => void = () => undefined,
): AsyncGenerator<readonly MinedEvent[]> {
  await using miner = new TransactionMiner(settings);
  watch(miner);
  for await (const step of steps) {
    if (step.tag === 'begin') miner.beginRound(step);
    else if (step.tag === 'end') miner.endRound(step.through, step.lastLogs);
    else miner.take(step.rows);
    await miner.settle();
    yield* miner.events();
  }
}

import type { ExtractRecord, PieceReference } from '../catalog/records.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { SourceEvent } from '../changes/change.ts';
import type { BufferedPart } from './extract-buffer.ts';
import type { FollowContext } from './follow-context.ts';
import { isChange, MEMORY_FACTOR } from './follow-log.ts';
import { TransactionAssembler } from './transaction-assembler.ts';
import { writePiece, type WrittenPiece } from './write-piece.ts';

export interface Remaking {
  /** Extracts that follow each other, ascending: the log is read from the first one's beginning to the last one's end. */
  readonly records: readonly ExtractRecord[];
  /** Whether this one's files are to be written; the others are passed over. */
  readonly isWanted: (record: ExtractRecord) => boolean;
  /** Whether to end between two extracts. */
  readonly isEnough: () => boolean;
  /** Pieces that are durable, the last one last, and not listed. */
  readonly onExtract: (record: ExtractRecord, pieces: readonly WrittenPiece[]) => Promise<void>;
}

type RemakeContext = Pick<FollowContext, 'host' | 'pipeline' | 'source' | 'lease' | 'settings' | 'tables' | 'signal'>;

/**
 * Reads the source's log once more and writes the files of extracts again, each cut where it was cut before; nothing is acknowledged.
 * @throws PenstockError PS2001 where the log has no transaction that ends where an extract ended, PS2006; the store's errors
 */
export async function remakeExtracts(context: RemakeContext, remaking: Remaking): Promise<void> {
  const [first] = remaking.records;
  if (first === undefined) return;
  const selections = context.tables.map(({ selection }) => selection);
  await using stream = await context.source.openStream(first.from, selections, context.signal);
  const remaker = new Remaker(context, remaking);
  for await (const events of stream) if (await remaker.take(events)) return;
}

class Remaker {
  readonly #context: RemakeContext;
  readonly #remaking: Remaking;
  readonly #assembler: TransactionAssembler;
  /** Of the extract under way, in the remaking's list. */
  #index = 0;
  #pieces: WrittenPiece[] = [];

  constructor(context: RemakeContext, remaking: Remaking) {
    this.#context = context;
    this.#remaking = remaking;
    this.#assembler = new TransactionAssembler(context.tables);
  }

  /** @returns whether all is done, or enough */
  async take(events: readonly SourceEvent[]): Promise<boolean> {
    for (const event of events) {
      this.#assembler.add(event);
      if (isChange(event)) {
        if (this.#assembler.buffer.memory >= MEMORY_FACTOR * this.#context.settings.bytes) await this.#spill();
      } else if (event.tag === 'commit' || event.tag === 'heartbeat') {
        const record = this.#current();
        if (event.position.order < record.to.order) continue;
        if (event.tag === 'heartbeat' || event.position.order > record.to.order) throw isAnother(record);
        await this.#finish(record);
        if (this.#index === this.#remaking.records.length || this.#remaking.isEnough()) return true;
      }
    }
    return false;
  }

  #current(): ExtractRecord {
    const record = this.#remaking.records[this.#index];
    if (record === undefined) throw new PenstockError('PS9001', 'the log is read behind the last extract');
    return record;
  }

  async #spill(): Promise<void> {
    const parts = this.#assembler.seal();
    const record = this.#current();
    if (this.#remaking.isWanted(record)) this.#pieces.push(await this.#write(record, parts));
  }

  async #finish(record: ExtractRecord): Promise<void> {
    const parts = this.#assembler.seal();
    this.#assembler.restart();
    if (this.#remaking.isWanted(record)) {
      const last = await this.#write(record, parts);
      await this.#context.host.failpoint('remake.after-put');
      await this.#remaking.onExtract(record, [...this.#pieces, last]);
      await this.#context.host.failpoint('remake.after-item');
    }
    this.#pieces = [];
    this.#index++;
  }

  async #write(record: ExtractRecord, parts: readonly BufferedPart[]): Promise<WrittenPiece> {
    const { host, lease, pipeline, signal } = this.#context;
    const earlierPieces: PieceReference[] = this.#pieces.map(({ reference }) => reference);
    return writePiece(host, { pipeline, extract: record.number, epoch: lease.epoch, earlierPieces }, parts, signal);
  }
}

function isAnother({ number }: ExtractRecord): PenstockError {
  return new PenstockError('PS2001', `the log has no transaction that ends where extract ${number} ended`);
}

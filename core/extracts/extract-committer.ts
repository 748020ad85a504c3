import type { SourcePosition } from '../changes/position.ts';
import type { HeadWriter } from '../catalog/head-writer.ts';
import type { ExtractRecord, PieceReference } from '../catalog/records.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { ChangeStream } from '../sources/source-connector.ts';
import { deltaRun, emitBatch } from '../events/flow-events.ts';
import type { BufferedPart } from './extract-buffer.ts';
import type { FollowContext } from './follow-context.ts';
import type { ExtractPart } from './manifest.ts';
import type { TakenTransaction } from './transaction-assembler.ts';
import { writePiece, type WrittenPiece } from './write-piece.ts';

/** When the first change of an extract came to the reader, and how long that was after its commit, in milliseconds. */
export type ExtractBeginning = Pick<ExtractRecord, 'startedAt' | 'dbDelay'>;
export const UNKNOWN_BEGINNING: ExtractBeginning = { startedAt: null, dbDelay: 0 };

/**
 * Makes sealed parts durable and visible, in order: store, catalog, and only then the acknowledgement to the source.
 * One extract may be on its way while the next is read; its failure surfaces at the next call.
 */
export class ExtractCommitter {
  /** The loader's progress as last seen. */
  loaded = 0;
  readonly #context: FollowContext;
  readonly #head: HeadWriter;
  readonly #stream: Pick<ChangeStream, 'acknowledge'>;
  #pieces: WrittenPiece[] = [];
  #inFlight: Promise<void> | null = null;
  #lastExtract: number;

  constructor(context: FollowContext, head: HeadWriter, stream: Pick<ChangeStream, 'acknowledge'>) {
    this.#context = context;
    this.#head = head;
    this.#stream = stream;
    this.#lastExtract = head.head.lastExtract;
  }

  /** The last extract that was handed to {@link commit}. */
  get lastExtract(): number {
    return this.#lastExtract;
  }

  /** Whether pieces of the extract under way were written already. */
  get hasPieces(): boolean {
    return this.#pieces.length > 0;
  }

  /** The commit under way; null: none. */
  get inFlight(): Promise<void> | null {
    return this.#inFlight;
  }

  /** Resolves when nothing is on its way. @throws what the commit under way throws */
  async settled(): Promise<void> {
    if (this.#inFlight !== null) await this.#inFlight;
  }

  /** Waits for the commit under way without caring how it ends. */
  async abandon(): Promise<void> {
    try {
      await this.settled();
    } catch {
      // The loop that abandons it reports its own error, or this very one.
    }
  }

  /** Writes a piece of the extract under way; nothing is listed yet. */
  async writePiece(parts: readonly BufferedPart[]): Promise<void> {
    await this.settled();
    this.#pieces.push(await this.#write(parts, this.#pieces));
    await this.#context.host.failpoint('extract.after-piece');
  }

  /** Starts to commit an extract that ends with `transaction`; waits for the one before it. */
  async commit(
    parts: readonly BufferedPart[],
    transaction: TakenTransaction,
    beginning: ExtractBeginning,
  ): Promise<void> {
    await this.settled();
    const pieces = this.#pieces;
    // Asked now, not remembered: an idle source's advance moves the head without an extract.
    const from = this.#head.head.position;
    if (from === null) throw new PenstockError('PS1004', `pipeline ${this.#context.pipeline} was never copied`);
    this.#pieces = [];
    this.#lastExtract++;
    const commit = this.#commit(this.#lastExtract, from, parts, pieces, { ...transaction, ...beginning }).then(() => {
      if (this.#inFlight === commit) this.#inFlight = null;
    });
    this.#inFlight = commit;
    // It stays there when it fails, so that the next call throws; until then it must not be an unhandled rejection.
    commit.catch(() => undefined);
  }

  async #commit(
    number: number,
    from: SourcePosition,
    parts: readonly BufferedPart[],
    earlier: readonly WrittenPiece[],
    transaction: TakenTransaction & ExtractBeginning,
  ): Promise<void> {
    const { host, pipeline, onExtract } = this.#context;
    await host.failpoint('extract.before-put');
    const last = await this.#write(parts, earlier, number);
    await host.failpoint('extract.after-put');
    const pieces = [...earlier, last];
    const rows = sum(pieces.flatMap((piece) => piece.parts).map((part) => part.inserts + part.updates + part.deletes));
    const tables = new Set(pieces.flatMap((piece) => piece.parts.map((part) => part.table))).size;
    const bytes = sum(pieces.map((piece) => piece.reference.size));
    const sourceDate = transaction.committedAt;
    await this.#head.commit(
      {
        number,
        from,
        to: transaction.position,
        object: last.reference,
        rows,
        bytes,
        tables,
        sourceDate,
        startedAt: transaction.startedAt,
        dbDelay: transaction.dbDelay,
        createdAt: host.clock.timestamp(),
      },
      () => host.failpoint('extract.after-item'),
    );
    await host.failpoint('extract.after-head');
    await host.failpoint('extract.before-acknowledge');
    this.#stream.acknowledge(transaction.position);
    await host.failpoint('extract.after-acknowledge');
    host.wakeUps.signal(pipeline);
    emitBatch(host, pipeline, 'ExtractCompleted', {
      ...deltaRun(number, sourceDate),
      message: '',
      tableErrors: new Set(pieces.flatMap((piece) => piece.parts.filter(isObstructed).map(({ table }) => table))).size,
      tableTotals: tables,
    });
    onExtract({ number, rows, bytes, sourceDate });
  }

  async #write(
    parts: readonly BufferedPart[],
    earlier: readonly WrittenPiece[],
    number = this.#lastExtract + 1,
  ): Promise<WrittenPiece> {
    const { host, pipeline, lease, signal } = this.#context;
    const earlierPieces: PieceReference[] = earlier.map((piece) => piece.reference);
    return writePiece(host, { pipeline, extract: number, epoch: lease.epoch, earlierPieces }, parts, signal);
  }
}

/** Its table stops when it is loaded. */
function isObstructed({ obstacle }: ExtractPart): boolean {
  return obstacle !== null;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

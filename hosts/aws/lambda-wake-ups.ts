import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Clock, Log, WakeUps } from '../../core/host/host.ts';

/**
 * A wake-up is an asynchronous call of the pipeline's load function. There is nobody to wake who waits here: `wait` sleeps.
 * `settled` is to be awaited before a function ends, because its process stands still afterwards.
 */
export class LambdaWakeUps implements WakeUps {
  readonly #client: LambdaClient;
  readonly #loader: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #calling: Promise<void> | null = null;

  constructor(client: LambdaClient, loader: string, clock: Clock, log: Log) {
    this.#client = client;
    this.#loader = loader;
    this.#clock = clock;
    this.#log = log;
  }

  /** One call at a time is enough: who is woken loads everything that is there. */
  signal(): void {
    this.#calling ??= this.#call().finally(() => {
      this.#calling = null;
    });
  }

  wait(_pipeline: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    return this.#clock.sleep(milliseconds, signal);
  }

  async settled(): Promise<void> {
    await this.#calling;
  }

  /** A wake-up that is lost costs a minute: the schedule's tick finds what was not loaded. */
  async #call(): Promise<void> {
    try {
      await this.#client.send(
        new InvokeCommand({ FunctionName: this.#loader, InvocationType: 'Event', Payload: Buffer.from('{}') }),
      );
    } catch (error) {
      this.#log.warn('loader not woken', { reason: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** Where the catalog's own stream wakes the loader: the reader and the copy workers signal nothing, and pay for nothing. */
export class StreamWakeUps implements WakeUps {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  signal(): void {
    // The write to the catalog that made something visible has woken the loader already.
  }

  wait(_pipeline: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    return this.#clock.sleep(milliseconds, signal);
  }
}

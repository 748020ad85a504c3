import { randomBytes } from 'node:crypto';
import type { Randomness } from '../../core/host/host.ts';

const IDENTIFIER_BYTES = 10;

/** The machine's random numbers. */
export class SystemRandomness implements Randomness {
  identifier(): string {
    return randomBytes(IDENTIFIER_BYTES).toString('hex');
  }

  fraction(): number {
    return randomBytes(6).readUIntBE(0, 6) / 2 ** 48;
  }
}

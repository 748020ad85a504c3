import { PenstockError } from '../../../errors/penstock-error.ts';

/** Letters of pgoutput's messages and of the messages that carry them (PostgreSQL manual, "Logical Replication Message Formats"). */
export const LETTER = {
  data: 0x77, // w
  keepalive: 0x6b, // k
  begin: 0x42, // B
  commit: 0x43, // C
  insert: 0x49, // I
  update: 0x55, // U
  delete: 0x44, // D
  truncate: 0x54, // T
  relation: 0x52, // R
  type: 0x59, // Y
  origin: 0x4f, // O
  message: 0x4d, // M
  newRow: 0x4e, // N
  oldKey: 0x4b, // K
  oldRow: 0x4f, // O
  isNull: 0x6e, // n
  isUnchanged: 0x75, // u
  isText: 0x74, // t
} as const;

export type RowLetter = typeof LETTER.insert | typeof LETTER.update | typeof LETTER.delete;

export function unexpected(where: string, letter: number | undefined): PenstockError {
  return new PenstockError('PS2008', `${where} begins with byte ${letter ?? -1}, which is not known`);
}

import type { TableRecord } from '../../catalog/records.ts';
import { VerificationRecords, type TableProof } from '../../catalog/verification-records.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import { placeText } from '../../sources/place-text.ts';
import type { OperationContext } from '../operation-context.ts';

/** What is known of a table by its last verification. */
export interface TableVerification extends Pick<
  TableProof,
  'verdict' | 'position' | 'rows' | 'destinationRows' | 'chunks' | 'differing' | 'unsettled' | 'repaired' | 'columns'
> {
  readonly at: Timestamp;
  readonly differsSince: Timestamp | null;
  /** Why it says nothing of the table as it is now; null: it does. */
  readonly stale: string | null;
}

export function tableProofs({ host, settings }: OperationContext): Promise<Map<string, TableProof>> {
  return new VerificationRecords(host.items, settings.pipeline).proofs();
}

export function verificationOf(proof: TableProof | null, record: TableRecord | null): TableVerification | null {
  if (proof === null) return null;
  const { verdict, position, at, rows, destinationRows, chunks, differing, unsettled, repaired, columns } = proof;
  return {
    ...{
      verdict,
      position: placeText(position),
      at,
      rows,
      destinationRows,
      chunks,
      differing,
      unsettled,
      repaired,
      columns,
    },
    ...{ differsSince: proof.differsSince, stale: whyStale(proof, record) },
  };
}

/** Loads, and what they make of a table, do not make a proof stale: that they are right is what it says. */
function whyStale({ generation, fingerprint }: TableProof, record: TableRecord | null): string | null {
  if (record === null || record.schema === null) return 'the table is not copied any more';
  if (record.generation !== generation) return 'the table was copied anew';
  return record.schema.fingerprint === fingerprint ? null : 'the structure has changed';
}

import { PenstockError } from '../../../errors/penstock-error.ts';
import { error } from '../../finding.ts';
import { allRows } from '../../session.ts';
import type { Finding } from '../../source-connector.ts';
import { isRefused } from '../errors.ts';
import { isOnRds, sessionUser } from './database.ts';
import { grantView } from './grants.ts';
import type { HandOff } from './hand-off.ts';
import type { Session } from './session.ts';

/**
 * Distributed transactions that were prepared when their session or instance ended: `<usn>.<slot>.<sequence>`. They are in V$TRANSACTION no more, and nothing
 * tells where they began; yet each may be committed, days later.
 * @throws PenstockError PS2004
 */
async function readInDoubt(session: Session): Promise<string[]> {
  try {
    return (await allRows(session, { tag: 'inDoubt' })).map(([transaction]) => transaction ?? '');
  } catch (cause) {
    if (!isRefused(cause)) throw cause;
    const grantee = { user: await sessionUser(session), isRds: await isOnRds(session) };
    const message = 'the user may not see the distributed transactions that are in doubt, whose rows a copy would lose';
    throw new PenstockError('PS2004', message, { remedy: grantView('DBA_2PC_PENDING', grantee), cause });
  }
}

/**
 * A hand-off that knows of every transaction that may still commit. They are asked for before and behind it: one that gets into doubt meanwhile leaves the
 * open ones before it is among these. `session`: in the database of the tables. @throws PenstockError PS2004; PS2010 while one is in doubt
 */
export async function withNoneInDoubt(session: Session, take: () => Promise<HandOff>): Promise<HandOff> {
  const before = await readInDoubt(session);
  const handOff = await take();
  const known = new Set(handOff.open.map(({ segment, slot, sequence }) => `${segment}.${slot}.${sequence}`));
  const lost = [...before, ...(await readInDoubt(session))].find((transaction) => !known.has(transaction));
  if (lost !== undefined) throw new PenstockError('PS2010', inDoubtText(lost), { remedy: inDoubtRemedy(lost) });
  return handOff;
}

/** The same, as a check tells it. Who may not see them has a finding of that already. */
export async function checkInDoubt(session: Session): Promise<Finding[]> {
  const found = await readInDoubt(session).catch((cause: unknown) => {
    if (cause instanceof PenstockError) return [];
    throw cause;
  });
  return found.map((transaction) => error('oracle.in_doubt', inDoubtText(transaction), inDoubtRemedy(transaction)));
}

function inDoubtText(transaction: string): string {
  return `distributed transaction ${transaction} is in doubt, and the server does not tell where it began: its rows would be in no copy and in no log that is read`;
}

function inDoubtRemedy(transaction: string): string {
  return `COMMIT FORCE '${transaction}'; or ROLLBACK FORCE '${transaction}'; as its coordinator decided (DBA_2PC_PENDING), or wait until RECO has done it.`;
}

import { PenstockError } from '../../../errors/penstock-error.ts';
import { readHandOff, type HandOff } from '../server/hand-off.ts';
import type { Session } from '../server/session.ts';
import { ensureDictionary, type DictionaryContext } from './ensure-dictionary.ts';

/** How long transactions may take that were open when the dictionary was written. */
const MOST_LOOKS = 60;

/**
 * The place to begin for another database that mines the logs: it knows the tables from a dictionary in them on, so that every transaction that is
 * open at the hand-off must have begun behind it. Waits until that is so.
 * @throws PenstockError PS2004, PS2010 as ensureDictionary; PS2010 where an older transaction stays open
 */
export async function minableHandOff(root: Session, context: DictionaryContext, signal: AbortSignal): Promise<HandOff> {
  const from = await ensureDictionary(root, context, signal);
  for (let looks = 0; ; looks++) {
    const handOff = await readHandOff(root);
    const older = handOff.open.filter(({ startScn }) => BigInt(startScn) < from);
    const [first] = older;
    if (first === undefined) return handOff;
    if (looks === MOST_LOOKS) {
      const { segment, slot, sequence, startScn } = first;
      throw new PenstockError(
        'PS2010',
        `transaction ${segment}.${slot}.${sequence} is open since SCN ${startScn}, before the dictionary in the logs (SCN ${from}): another database cannot mine it`,
        {
          remedy: `End it, and ${older.length - 1} others (V$TRANSACTION where START_SCN < ${from}), or wait for them; then try again.`,
        },
      );
    }
    await context.clock.sleep(context.pollMilliseconds, signal);
  }
}

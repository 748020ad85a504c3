import { setTimeout as sleep } from 'node:timers/promises';
import { FAILPOINTS, type FailpointName } from '../../core/host/failpoint.ts';
import { PenstockError } from '../../core/errors/penstock-error.ts';

/** `name@n`, `name@n:kill` (the same), `:error` or `:pause-<milliseconds>`, at the n-th passing of the name. */
interface Fault {
  readonly name: FailpointName;
  readonly at: number;
  readonly action:
    { readonly tag: 'kill' } | { readonly tag: 'error' } | { readonly tag: 'pause'; readonly milliseconds: number };
}

const FORM = /^([a-z.-]+)@([1-9]\d*)(?::(kill|error|pause-(\d+)))?$/;

/**
 * Failpoints from a text such as `extract.after-put@2:kill,load.after-commit@1:pause-500`; none for an empty one.
 * @throws PenstockError PS1001 for a name that does not exist, or another form
 */
export function failpoints(text: string): (name: FailpointName) => Promise<void> {
  const faults = text === '' ? [] : text.split(',').map(parseFault);
  const passed = new Map<FailpointName, number>();
  return async (name) => {
    if (faults.length === 0) return;
    const count = (passed.get(name) ?? 0) + 1;
    passed.set(name, count);
    for (const fault of faults) if (fault.name === name && fault.at === count) await act(fault);
  };
}

async function act({ name, action }: Fault): Promise<void> {
  if (action.tag === 'kill') process.kill(process.pid, 'SIGKILL');
  else if (action.tag === 'error') throw new PenstockError('PS3003', `failpoint ${name}`);
  else await sleep(action.milliseconds);
}

function parseFault(text: string): Fault {
  const [, name, at, action, milliseconds] = FORM.exec(text) ?? [];
  const known = FAILPOINTS.find((candidate) => candidate === name);
  if (known === undefined)
    throw new PenstockError('PS1001', `PENSTOCK_FAILPOINT: ${text} is not <name>@<n>[:kill|:error|:pause-<ms>]`);
  if (milliseconds !== undefined)
    return { name: known, at: Number(at), action: { tag: 'pause', milliseconds: Number(milliseconds) } };
  return { name: known, at: Number(at), action: { tag: action === 'error' ? 'error' : 'kill' } };
}

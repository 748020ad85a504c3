import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names this process so that another one on the same machine can tell whether it is still there: machine, pid, start. */
export function processOwner(): string {
  return `${machine()}/${process.pid}/${startOf(process.pid) ?? 'unknown'}`;
}

/** True only for a process of this machine that has ended, or whose pid another process has now. */
export function ownerIsGone(owner: string): boolean {
  const [itsMachine, pid, start] = owner.split('/');
  if (itsMachine !== machine() || pid === undefined || start === undefined) return false;
  const now = startOf(Number(pid));
  if (now !== null) return start !== 'unknown' && now !== start;
  return !isRunning(Number(pid));
}

/**
 * Where pids mean the same: on Linux one boot's pid namespace. Containers may share the name of their host and a state
 * directory, but see each other's pids as gone.
 */
function machine(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const namespace = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
    return `${hostname()}.${boot}.${namespace}`;
  } catch {
    return hostname();
  }
}

/** When a process started, in clock ticks since boot (Linux, proc(5) field 22); null where that is not known, `ended` for one that nobody has waited for yet (field 3). */
function startOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

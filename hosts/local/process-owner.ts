import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names this process so that another one on the same machine can tell whether it is still there: machine, pid, start. */
export function processOwner(): string {
  return `${hostname()}/${process.pid}/${startOf(process.pid) ?? 'unknown'}`;
}

/** True only for a process of this machine that has ended, or whose pid another process has now. */
export function ownerIsGone(owner: string): boolean {
  const [machine, pid, start] = owner.split('/');
  if (machine !== hostname() || pid === undefined || start === undefined) return false;
  const now = startOf(Number(pid));
  if (now !== null) return start !== 'unknown' && now !== start;
  return !isRunning(Number(pid));
}

/** When a process started, in clock ticks since boot (Linux, proc(5) field 22); null where that is not known. */
function startOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
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

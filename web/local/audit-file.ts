import { appendFile, readFile } from 'node:fs/promises';
import type { AuditLog } from '../api/console-host.ts';
import { auditEntry, type AuditEntry } from '../api/schemas/settings.ts';

/** Who changed what, a JSON line each; nothing in it is ever removed by the console. */
export class AuditFile implements AuditLog {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async append(entry: AuditEntry): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  }

  /** `after`: how many entries are older than the page. */
  async list(after: string | null, limit: number): Promise<{ items: AuditEntry[]; next: string | null }> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    const end = Math.min(lines.length, after === null ? lines.length : Number.parseInt(after, 10) || 0);
    const from = Math.max(0, end - limit);
    const items = lines.slice(from, end).flatMap((line) => entryOf(line) ?? []);
    return { items: items.reverse(), next: from === 0 ? null : String(from) };
  }
}

function entryOf(line: string): AuditEntry | null {
  try {
    return auditEntry.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

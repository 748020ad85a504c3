/** A remedy in its two parts: what is run as it is, and advice in words. Either may be missing. */
export interface RemedyParts {
  readonly statement: string | null;
  readonly advice: string | null;
}

const STATEMENT =
  /^\s*(?:ALTER|CALL|CREATE|DELETE|DROP|EXEC|GRANT|INSERT|PURGE|REVOKE|SELECT|SET GLOBAL|SET PERSIST|UPDATE)\s.*;/s;

/** SQL stands first and ends with its last semicolon; only that gets a frame and a copy button. */
export function remedyParts(remedy: string): RemedyParts {
  const statement = STATEMENT.exec(remedy)?.[0] ?? null;
  const advice = remedy.slice(statement?.length ?? 0).trim();
  return { statement: statement?.trim() ?? null, advice: advice === '' ? null : advice };
}

/** A remedy is either something to run as it is, or advice in words. Only the first gets a frame and a copy button. */
export function isStatement(remedy: string): boolean {
  return /^\s*(?:ALTER|CALL|CREATE|DELETE|DROP|EXEC|GRANT|INSERT|PURGE|REVOKE|SELECT|SET GLOBAL|SET PERSIST|UPDATE)\s/.test(
    remedy,
  );
}

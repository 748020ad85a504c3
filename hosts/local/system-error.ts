/** Whether an error comes from the operating system, with one of these codes where some are named. */
export function isSystemError(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  return (
    error instanceof Error &&
    'syscall' in error &&
    (codes.length === 0 || ('code' in error && codes.includes(String(error.code))))
  );
}

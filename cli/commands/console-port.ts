import { UsageError } from '../output/error-text.ts';
import { wholeNumber } from '../output/whole-number.ts';

export const DEFAULT_PORT = 8081;
const LARGEST_PORT = 65_535;

/** The port to begin with; 0 is any free one. @throws UsageError */
export function portOf(text: string | boolean | undefined): number {
  if (text === '0') return 0;
  const port = wholeNumber('--port', text, LARGEST_PORT) ?? DEFAULT_PORT;
  if (port < 1024) throw new UsageError(`--port ${port}: ports below 1024 belong to the system`);
  return port;
}

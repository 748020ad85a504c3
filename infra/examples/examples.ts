import { fileURLToPath } from 'node:url';

/** The deployments that are synthesised and checked; each may be copied to `penstock.config.ts` and changed. */
export const EXAMPLES = ['standard', 'high-availability', 'hybrid'] as const;
export type Example = (typeof EXAMPLES)[number];

export function exampleFile(example: Example): string {
  return fileURLToPath(new URL(`${example}.config.ts`, import.meta.url));
}

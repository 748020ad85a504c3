import * as z from 'zod';
import type { Notes } from '../console-host.ts';
import { settings } from '../schemas/settings.ts';

/** Notes as they are kept, wherever that is. */
export const storedNotes = z.strictObject({
  icon: settings.shape.instance.shape.icon,
  userDefined: settings.shape.userDefined,
  kept: z
    .record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])))
    .default({}),
});

const COLORS = ['#0972d3', '#037f0c', '#8d6605', '#7d2105', '#6b3fa0', '#00708a'] as const;

/** What an instance has that nobody wrote notes of: always the same ones for its name. */
export function defaultNotes(name: string): Notes {
  const sum = Buffer.from(name).reduce((total, byte) => total + byte, 0);
  const color = COLORS[sum % COLORS.length] ?? COLORS[0];
  return { icon: { text: name.slice(0, 2).toUpperCase(), color }, userDefined: null, kept: {} };
}

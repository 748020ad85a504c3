import * as z from 'zod';
import type { TlsSettings } from './settings.ts';

/** A server that settings name, and where in them. */
export interface NamedServer {
  readonly path: readonly string[];
  readonly host: string;
  /** Null: it is asked for at the server. */
  readonly port: number | null;
  readonly tls: TlsSettings;
  /** What is connected to instead of it, and is told its address; null: nothing stands between. */
  readonly via: Proxy | null;
}

/** A proxy, as a server's settings have it. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** The settings it was written in, below those of their end: `options.httpsProxy`. */
  readonly settings: { readonly host: string; readonly port: string };
}

const shape = z.object({
  host: z.string(),
  port: z.number().nullable(),
  tls: z.discriminatedUnion('mode', [
    z.strictObject({ mode: z.literal('off') }),
    z.strictObject({ mode: z.literal('verify'), ca: z.string().nullable() }),
  ]),
  via: z
    .strictObject({
      host: z.string(),
      port: z.number(),
      settings: z.strictObject({ host: z.string(), port: z.string() }),
    })
    .nullable()
    .default(null),
});

/**
 * All servers that parsed settings name, found by their shape: a source's own settings are known to nobody else, and it may name other
 * databases beside its own.
 */
export function namedServers(settings: unknown, path: readonly string[]): NamedServer[] {
  if (typeof settings !== 'object' || settings === null) return [];
  const { success, data } = shape.safeParse(settings);
  const own = success ? [{ path, ...data }] : [];
  const inner = Object.entries(settings).flatMap(([name, value]) => namedServers(value, [...path, name]));
  return [...own, ...inner];
}

/** Settings in which the servers at some places (`source.rootDatabase`) are verified by other authorities (PEM files). */
export function withAuthorities<Settings>(
  settings: Settings,
  files: ReadonlyMap<string, string>,
  path: readonly string[],
): Settings {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) return settings;
  const ca = files.get(path.join('.'));
  const entries = Object.entries(settings as Readonly<Record<string, unknown>>);
  const inner = Object.fromEntries(
    entries.map(([name, value]) => [name, withAuthorities(value, files, [...path, name])]),
  );
  const tls: { tls?: TlsSettings } = ca !== undefined && verifies(settings) ? { tls: { mode: 'verify', ca } } : {};
  return { ...settings, ...inner, ...tls };
}

function verifies(settings: object): boolean {
  const { success, data } = shape.safeParse(settings);
  return success && data.tls.mode === 'verify';
}

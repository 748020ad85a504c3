import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import type { Context, Handler } from 'hono';
import { typeOfFile } from '../api/pages/file-types.ts';

/** What a browser may have sent the file in, best first, and what such a file ends with. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;
/** Their names hold a hash of what is in them. */
const FOREVER = 'public, max-age=31536000, immutable';

type Accepted = readonly (typeof ENCODINGS)[number][];

interface Sent {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly encoding: string | null;
}

/**
 * The built pages, from a folder beside the bundle: the files of `web/console/dist`, each with what it is compressed to beside it
 * (`.br`, `.gz`) where that is smaller. A path that is no file is one of the single page's own. What was read once is kept: the
 * folder does not change while a function lives.
 */
export function deployedPages(folder: string): Handler {
  const kept = new Map<string, Promise<Sent | null>>();
  const read = (path: string): Promise<Sent['bytes'] | null> => readFile(join(folder, path)).catch(() => null);
  const find = (path: string, accepted: Accepted): Promise<Sent | null> => {
    const name = `${path} ${accepted.map(([encoding]) => encoding).join(' ')}`;
    const known = kept.get(name) ?? compressed(read, path, accepted);
    // A path that is not there may be anything: those are not kept.
    known.then((found) => found !== null && kept.set(name, known)).catch(() => undefined);
    return known;
  };
  return async (context) => {
    const path = filePath(context.req.path);
    const accepted = ENCODINGS.filter(([name]) => accepts(context.req.header('accept-encoding'), name));
    const asset = path === null || path === '/' ? null : await find(path, accepted);
    if (path !== null && asset !== null) return send(context, path, asset);
    if (path === null || extname(path) !== '') return context.text('not found', 404);
    const page = await find('/index.html', accepted);
    return page === null ? context.text('the pages are not deployed', 503) : send(context, '/index.html', page);
  };
}

async function compressed(
  read: (path: string) => Promise<Sent['bytes'] | null>,
  path: string,
  accepted: Accepted,
): Promise<Sent | null> {
  for (const [encoding, ending] of accepted) {
    const bytes = await read(path + ending);
    if (bytes !== null) return { bytes, encoding };
  }
  const bytes = await read(path);
  return bytes === null ? null : { bytes, encoding: null };
}

function send(context: Context, path: string, { bytes, encoding }: Sent): Response {
  const isAsset = path.startsWith('/assets/');
  const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  context.header('cache-control', isAsset ? FOREVER : 'no-cache');
  context.header('vary', 'accept-encoding');
  context.header('etag', tag);
  if (context.req.header('if-none-match') === tag) return context.body(null, 304);
  context.header('content-type', typeOfFile(path));
  if (encoding !== null) context.header('content-encoding', encoding);
  return context.body(bytes);
}

/** Null: no path of a file in the folder. */
function filePath(path: string): string | null {
  try {
    const plain = normalize(decodeURIComponent(path));
    const isInside = plain.startsWith('/') && !plain.includes('\0') && !plain.split(sep).includes('..');
    // What is compressed is asked for by its own name.
    return isInside && !/\.(?:br|gz)$/.test(plain) ? plain : null;
  } catch {
    return null;
  }
}

function accepts(header: string | undefined, encoding: string): boolean {
  return (header ?? '').split(',').some((entry) => {
    const [name = '', quality = 'q=1'] = entry.split(';').map((part) => part.trim().toLowerCase());
    return name === encoding && !/^q=0(?:\.0*)?$/.test(quality);
  });
}

import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { Readable } from 'node:stream';
import type { Context, Handler } from 'hono';
import { typeOfFile } from '../api/pages/file-types.ts';

const NOT_BUILT = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Penstock</title></head>
<body><h1>Penstock</h1><p>The pages are not built. Run <code>npm run console</code> once.</p>
<p>The API is at <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p></body></html>`;

/** The built pages of `folder`; a path that is no file is one of the single page's own. */
export function servePages(folder: string): Handler {
  return async (context) => {
    const path = decoded(context.req.path);
    const asset = path === null ? null : await fileAt(folder, path);
    if (asset !== null) return send(context, asset, path?.startsWith('/assets/') === true);
    if (path === null || extname(path) !== '') return context.text('not found', 404);
    const page = await fileAt(folder, '/index.html');
    return page === null ? context.html(NOT_BUILT, 503) : send(context, page, false);
  };
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

interface Found {
  readonly path: string;
  readonly size: number;
}

/** Null where there is no such file in the folder; links out of it are not followed. */
async function fileAt(folder: string, path: string): Promise<Found | null> {
  if (path.includes('\0')) return null;
  try {
    const root = await realpath(folder);
    const found = await realpath(join(root, path));
    if (!found.startsWith(root + sep)) return null;
    const { size, isFile } = await stat(found).then((stats) => ({ size: stats.size, isFile: stats.isFile() }));
    return isFile ? { path: found, size } : null;
  } catch {
    return null;
  }
}

function send(context: Context, { path, size }: Found, isImmutable: boolean): Response {
  const body = Readable.toWeb(createReadStream(path)) as ReadableStream;
  return context.body(body, 200, {
    'content-type': typeOfFile(path),
    'content-length': String(size),
    // Names of assets carry a hash of their content.
    'cache-control': isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
}

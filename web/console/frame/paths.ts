/** The address of an instance's page in this console. */
export function instancePath(instance: string, page = ''): string {
  return `/instances/${encodeURIComponent(instance)}${page}`;
}

/** The instance and the page of an address; null: the list of instances. */
export function parsePath(location: string): { readonly instance: string; readonly page: string } | null {
  const match = /^\/instances\/([^/]+)(\/.*)?$/.exec(location);
  const name = match?.[1];
  if (match === null || name === undefined) return null;
  const page = (match[2] ?? '').replace(/\/+$/, '');
  try {
    return { instance: decodeURIComponent(name), page };
  } catch {
    return null;
  }
}

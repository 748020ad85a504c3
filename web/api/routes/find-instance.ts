import type { ConsoleHost, ConsoleInstance } from '../console-host.ts';
import { notFound } from '../problems/api-error.ts';

/** @throws ApiError 404 */
export async function findInstance(
  console: ConsoleHost,
  { name }: { readonly name: string },
): Promise<ConsoleInstance> {
  const found = await console.instance(name);
  if (found === null) throw notFound(`instance ${name}`);
  return found;
}

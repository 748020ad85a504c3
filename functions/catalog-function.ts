import type { AwsHost } from '../hosts/aws/aws-host.ts';
import { Catalog } from '../core/catalog/catalog.ts';
import { framed, type FunctionDefinition, type FunctionHandler } from './frame/function-frame.ts';

/** What the work of a function gets that asks the catalog alone: no settings are read, nothing else is connected to. */
export interface OpenedCatalog extends AsyncDisposable {
  readonly host: AwsHost;
  readonly pipeline: string;
  readonly catalog: Catalog;
}

/** A small function: it knows neither sources nor destinations, and starts faster for it. */
export function catalogFunction<Input, Result>(
  definition: FunctionDefinition<Input, Result, OpenedCatalog>,
): FunctionHandler<Result> {
  return framed(definition, openCatalog);
}

async function openCatalog(host: AwsHost): Promise<OpenedCatalog> {
  const { pipeline } = host.deployed;
  const catalog = new Catalog(pipeline, host);
  return Promise.resolve({ host, pipeline, catalog, [Symbol.asyncDispose]: () => Promise.resolve() });
}

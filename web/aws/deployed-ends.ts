import { isDeepStrictEqual } from 'node:util';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { Catalog } from '../../core/catalog/catalog.ts';
import { tableId } from '../../core/changes/table-name.ts';
import type { TableSchema } from '../../core/changes/table-schema.ts';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { Finding, ListedTable, TableSelection } from '../../core/sources/source-connector.ts';
import { completeSettings, parsedConfiguration } from '../api/configuration/parsed-configuration.ts';
import { placesOf } from '../api/configuration/secret-places.ts';
import type { ConfigurationStore, InstanceHost, Passwords, SourceDesk } from '../api/console-host.ts';
import { finding } from '../api/schemas/values.ts';
import { callFunction } from './call-function.ts';
import { notHere } from './deployed-configuration.ts';
import { functionName } from './deployed-names.ts';

const checked = z.object({ findings: z.array(finding) });

export interface EndsSite {
  readonly pipeline: string;
  readonly host: InstanceHost;
  readonly configuration: Pick<ConfigurationStore, 'read'>;
  readonly lambda: LambdaClient;
}

/**
 * The two ends of a pipeline, which the console itself does not connect to: functions of the pipeline look, with the passwords that they
 * may read. What is known of tables is what the catalog has.
 */
export function deployedEnds(site: EndsSite): { source: SourceDesk; destination: Pick<SourceDesk, 'test'> } {
  return {
    source: {
      test: (settings, passwords, signal) => test(site, 'check-source', { settings, passwords, signal }),
      listTables: (settings) => chosenTables(site, settings),
      describeTables: (_settings, tables) => copiedStructures(site, tables),
    },
    destination: {
      test: (settings, passwords, signal) => test(site, 'check-destination', { settings, passwords, signal }),
    },
  };
}

interface Asked {
  readonly settings: PipelineSettings;
  readonly passwords: Passwords;
  readonly signal: AbortSignal;
}

async function test(
  { pipeline, configuration, lambda }: EndsSite,
  name: 'check-source' | 'check-destination',
  { settings, passwords, signal }: Asked,
): Promise<readonly Finding[]> {
  const deployed = completeSettings(parsedConfiguration(await configuration.read()));
  if (placesOf(passwords).length > 0 || !isDeepStrictEqual(settings, deployed))
    throw notHere('only what is deployed is tested here');
  return (await callFunction(lambda, functionName(pipeline, name), {}, checked, signal)).findings;
}

/** The chosen ones: what else the source has is asked where a configuration is written. */
async function chosenTables({ pipeline, host }: EndsSite, { tables }: PipelineSettings): Promise<ListedTable[]> {
  const records = new Map((await new Catalog(pipeline, host).tables()).map((record) => [record.table, record]));
  return tables.map(({ table, key }) => {
    const record = records.get(tableId(table));
    const identity = record?.schema?.identity;
    const known = identity?.tag === 'key' ? identity.columns : null;
    return {
      table,
      key: known ?? key,
      estimatedRows: record === undefined || record.schema === null ? null : record.copiedRows,
    };
  });
}

/** As they were copied last. @throws PenstockError PS1005 about the first one that was not copied yet */
async function copiedStructures(
  { pipeline, host }: EndsSite,
  tables: readonly TableSelection[],
): Promise<TableSchema[]> {
  const catalog = new Catalog(pipeline, host);
  const found = tables.map(async ({ table }) => {
    const id = tableId(table);
    const schema = (await catalog.table(id))?.record.schema ?? null;
    if (schema !== null) return schema;
    throw new PenstockError('PS1005', `${id} was not copied yet: its columns are known here afterwards`, {
      table: id,
      remedy:
        'Start Full Extract or Sync New Tables. Until then `penstock check` lists the columns where the file is kept.',
    });
  });
  return Promise.all(found);
}

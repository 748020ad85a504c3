import { mysqlKind } from './mysql/settings.ts';
import { oracleKinds } from './oracle/settings.ts';
import { postgresKind } from './postgres/settings.ts';
import { sqlserverKind } from './sqlserver/settings.ts';

/**
 * Every kind of source that a configuration may name. What only reads and shows configurations needs no more than this; how they are
 * connected stands in `registry.ts`. A kind comes here once the contract passes.
 */
export const SOURCE_KINDS = [postgresKind, mysqlKind, sqlserverKind, ...oracleKinds] as const;

export type SourceType = (typeof SOURCE_KINDS)[number]['type'];

import { join } from 'node:path';
import type { PostgresPrograms } from '../../../fixtures/postgres-server.ts';
import type { ServerAddress } from '../../../fixtures/server-process.ts';
import type { SourceUnderTest } from '../source-under-test.ts';
import { POSTGRES_DIALECT } from './dialect.ts';
import { postgresFaults, postgresLosses, postgresOwnSettings } from './faults.ts';
import type { PostgresRelease } from './release.ts';
import { ownPostgres, sharedPostgres } from './servers.ts';
import { POSTGRES_DRIFTS, postgresCannot, postgresOwnDrifts } from './structure.ts';
import { POSTGRES_TYPE_SETUP, postgresTypeList, postgresTypes } from './types.ts';

/**
 * The source that `address` tells.
 * @param programs start its other servers; default: those of the npm packages
 */
export function postgresUnderTest(
  release: PostgresRelease,
  address: ServerAddress,
  programs?: PostgresPrograms,
): SourceUnderTest {
  const own = { settings: postgresOwnSettings(release), ...(programs === undefined ? {} : { programs }) };
  return {
    openShared: () => Promise.resolve(sharedPostgres(address)),
    openOwn: () => ownPostgres(own),
    dialect: POSTGRES_DIALECT,
    types: postgresTypes(release),
    typeSetup: POSTGRES_TYPE_SETUP,
    typeList: join(import.meta.dirname, postgresTypeList(release)),
    drifts: POSTGRES_DRIFTS,
    ownDrifts: postgresOwnDrifts(release),
    losses: postgresLosses(release),
    faults: postgresFaults(release, programs),
    cannot: postgresCannot(release),
    ...(release < 11 ? { hidesTruncate: 'its publications know inserts, updates and deletes only' } : {}),
  };
}

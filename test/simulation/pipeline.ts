import { applyAll } from '../../core/pipeline/structure-policy.ts';
import type { ExtractSettings, PipelineSettings } from '../../core/pipeline/settings.ts';
import type { Random } from './random.ts';
import { SOURCE_TABLES } from './source/source-tables.ts';

export const PIPELINE = 'simulated';
export const TABLE_IDS: readonly string[] = SOURCE_TABLES.map(({ name }) => `shop.${name}`);

/** The settings of a run: small limits, so that extracts are cut by time, rows and bytes alike, and some transactions need several pieces. */
export function drawSettings(random: Random): PipelineSettings {
  const secret = { tag: 'env', name: 'NONE' } as const;
  return {
    pipeline: PIPELINE,
    source: { type: 'simulated', password: secret, extractThreads: random.between(1, 3), specific: null },
    destination: {
      type: 'singlestore',
      host: 'simulated',
      port: 3306,
      database: 'simulated',
      user: 'simulated',
      password: secret,
      tls: { mode: 'off' },
      options: {},
      maxUpdates: null,
      loadThreads: random.between(1, 3),
      addDatabasePrefix: false,
      truncateInsteadOfDrop: false,
      schemaForAllTables: null,
      ignoreDatabaseNameInSchema: false,
      schemaForStagingTables: null,
      retainStagingTables: false,
    },
    tables: SOURCE_TABLES.map(({ name, transfer }) => ({
      table: { schema: 'shop', name },
      transfer,
      key: null,
      mask: [],
      where: null,
      skipInitialExtract: false,
      redoInitialExtract: false,
      typeChange: {},
      timestampColumn: null,
      misfits: 'stop',
      structure: applyAll('keep'),
    })),
    extracts: drawExtractSettings(random),
    events: { tableLoaded: true },
    history: { startColumn: 'start_date', endColumn: 'end_date', openEndDate: '9999-12-31', keepByDefault: false },
    schedule: { tag: 'automatic' },
    restoreOnStartup: true,
    verify: { continuous: false, share: 5, milliseconds: 86_400_000 },
    consistency: random.chance(0.75) ? 'extract' : 'table',
    misfits: 'stop',
    email: null,
    aws: null,
    state: '/simulated',
  };
}

function drawExtractSettings(random: Random): ExtractSettings {
  const retentionMilliseconds = random.chance(0.7) ? random.between(100, 60_000) : 14 * 86_400_000;
  return {
    milliseconds: random.between(50, 3_000),
    rows: random.chance(0.5) ? random.between(1, 40) : 50_000,
    bytes: random.chance(0.5) ? random.between(200, 5_000) : 1_000_000,
    maxBehind: random.between(1, 20),
    chunkBytes: 1_000_000,
    retentionMilliseconds,
    listedMilliseconds: retentionMilliseconds * random.between(1, 4),
  };
}

import type { SourceConnector } from './source-connector.ts';

/** Of a connector whose every call has its own connections. */
export const NO_CONNECTION_KEPT: Pick<SourceConnector, typeof Symbol.asyncDispose> = {
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** Of a source whose snapshots end with the connections that read them. */
export const NO_SNAPSHOT_KEPT: Pick<SourceConnector, 'reopenSnapshot'> = {
  reopenSnapshot: null,
};

/** Of one that makes nothing at the source either. */
export const NOTHING_KEPT: Pick<SourceConnector, 'teardown' | typeof Symbol.asyncDispose> = {
  ...NO_CONNECTION_KEPT,
  teardown: () => Promise.resolve(),
};

import type { CaptureStatement } from './capture.ts';
import type { CatalogStatement } from './catalog.ts';
import type { RowStatement } from './rows.ts';
import type { ServerStatement } from './server.ts';
import type { TrackingStatement } from './tracking.ts';
import type { TransactionStatement } from './transactions.ts';

/**
 * Everything that is ever sent to a server, as data: statement-sql.ts makes T-SQL of it, the tests' database understands it as it is.
 * The doc comment of each says what its rows hold, value by value.
 */
export type Statement =
  TransactionStatement | ServerStatement | CatalogStatement | RowStatement | TrackingStatement | CaptureStatement;

import type { CatalogStatement } from './catalog.ts';
import type { LogStatement } from './logs.ts';
import type { MiningStatement } from './mining.ts';
import type { RowStatement } from './rows.ts';
import type { ServerStatement } from './server.ts';
import type { SessionStatement } from './session.ts';

/**
 * Everything that is ever sent to a server, as data: statement-sql.ts makes SQL of it, the tests' database understands it as it is.
 * The doc comment of each says what its rows hold, value by value. SCNs and all other numbers are decimal texts.
 */
export type Statement =
  SessionStatement | ServerStatement | LogStatement | MiningStatement | CatalogStatement | RowStatement;

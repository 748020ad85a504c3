import { guardedWork } from '../../session.ts';
import { sourceError } from '../errors.ts';
import type { SqlserverSettings } from '../settings.ts';
import type { Statement } from '../statements/statement.ts';
import type { SessionOpener } from './session.ts';

/** What every part needs to reach the server. */
export interface Access {
  readonly settings: SqlserverSettings;
  readonly open: SessionOpener;
}

export const { guarded, withSession } = guardedWork<Statement>(sourceError);

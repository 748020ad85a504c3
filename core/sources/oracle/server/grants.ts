import { identifier, literal } from '../sql.ts';
import type { ServerView } from '../statements/server.ts';

/** Who needs a right, and where. */
export interface Grantee {
  readonly user: string;
  /** Amazon RDS: nobody there may grant what is SYS's own, but a procedure of it. */
  readonly isRds: boolean;
}

/** The statement that lets a user read a view of SYS. V$ names are synonyms, which take no grants. */
export function grantView(view: ServerView, grantee: Grantee): string {
  return grantOfSys('SELECT', view.replace('V$', 'V_$'), grantee);
}

/** The statement that lets a user run a package of SYS. */
export function grantPackage(name: string, grantee: Grantee): string {
  return grantOfSys('EXECUTE', name, grantee);
}

function grantOfSys(right: 'SELECT' | 'EXECUTE', name: string, { user, isRds }: Grantee): string {
  if (!isRds) return `GRANT ${right} ON SYS.${name} TO ${identifier(user)};`;
  const given = [name, user, right].map(literal).join(', ');
  return `BEGIN rdsadmin.rdsadmin_util.grant_sys_object(${given}); END;`;
}

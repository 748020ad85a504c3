import { describe, expect, it } from 'vitest';
import { isGranted, parseGrant } from './grants.ts';

const grants = (...lines: string[]) => lines.flatMap((line) => parseGrant(line) ?? []);
const orders = { schema: 'shop', name: 'orders' };

describe('grants', () => {
  it.each([
    ['GRANT ALL PRIVILEGES ON *.* TO `a`@`%` WITH GRANT OPTION', 'SELECT', true],
    ['GRANT SELECT, LOCK TABLES ON `shop`.* TO `a`@`%`', 'LOCK TABLES', true],
    ['GRANT SELECT, LOCK TABLES ON `shop`.* TO `a`@`%`', 'RELOAD', false],
    ['GRANT SELECT ON `shop`.`orders` TO `a`@`%`', 'SELECT', true],
    ['GRANT SELECT ON `shop`.`order` TO `a`@`%`', 'SELECT', false],
    ['GRANT SELECT ON `sh%`.* TO `a`@`%`', 'SELECT', true],
    ['GRANT SELECT ON `sh_p`.* TO `a`@`%`', 'SELECT', true],
    ['GRANT SELECT ON `sh\\_p`.* TO `a`@`%`', 'SELECT', false],
    ['GRANT SELECT ON `s.*`.* TO `a`@`%`', 'SELECT', false],
    ['GRANT SELECT (`id`, `a, SELECT ON`), INSERT ON `shop`.`orders` TO `a`@`%`', 'SELECT', false],
    ['GRANT SELECT (`id`), INSERT ON `shop`.`orders` TO `a`@`%`', 'INSERT', true],
    ['GRANT EXECUTE ON PROCEDURE `shop`.`orders` TO `a`@`%`', 'EXECUTE', false],
    ['GRANT `reader`@`%` TO `a`@`%`', 'SELECT', false],
    ["GRANT PROXY ON ''@'' TO 'root'@'localhost' WITH GRANT OPTION", 'PROXY', false],
    ['GRANT SELECT ON `shop`.* TO PUBLIC', 'SELECT', true],
  ])('%s: %s on a table: %s', (line, privilege, expected) => {
    expect(isGranted(grants(line), privilege, orders)).toBe(expected);
  });

  it('tells the server from a table', () => {
    expect(isGranted(grants('GRANT RELOAD ON *.* TO `a`@`%`'), 'RELOAD', null)).toBe(true);
    expect(isGranted(grants('GRANT ALL PRIVILEGES ON `shop`.* TO `a`@`%`'), 'RELOAD', null)).toBe(false);
  });

  it('reads names with quotes and escapes', () => {
    const [grant] = grants('GRANT SELECT ON `we``ird\\\\%`.* TO `a`@`%`');
    expect(isGranted([grant!], 'SELECT', { schema: 'we`ird\\ness', name: 't' })).toBe(true);
    expect(isGranted([grant!], 'SELECT', { schema: 'we`irdness', name: 't' })).toBe(false);
  });
});

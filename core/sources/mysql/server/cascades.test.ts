import { describe, expect, it } from 'vitest';
import { cascadingKeys } from './cascades.ts';

const table = (...lines: string[]) => `CREATE TABLE \`c\` (\n${lines.join(',\n')}\n) ENGINE=InnoDB`;

describe('cascading foreign keys', () => {
  it.each([
    ['ON DELETE CASCADE', ['k']],
    ['ON UPDATE CASCADE', ['k']],
    ['ON DELETE SET NULL', ['k']],
    ['ON DELETE NO ACTION ON UPDATE SET NULL', ['k']],
    ['ON DELETE SET DEFAULT', ['k']],
    ['ON DELETE RESTRICT ON UPDATE NO ACTION', []],
    ['', []],
  ])('with %j: %j', (actions, expected) => {
    const line = `  CONSTRAINT \`k\` FOREIGN KEY (\`p\`) REFERENCES \`p\` (\`id\`) ${actions}`.trimEnd();
    expect(cascadingKeys(table('  `id` int(11) NOT NULL', line))).toEqual(expected);
  });

  it('finds all of them, whatever their names', () => {
    const lines = [
      '  CONSTRAINT `a``b` FOREIGN KEY (`x`) REFERENCES `other db`.`p` (`id`) ON DELETE CASCADE',
      '  CONSTRAINT plain FOREIGN KEY (x) REFERENCES p (id) ON UPDATE CASCADE',
      '  CONSTRAINT `no` FOREIGN KEY (`x`) REFERENCES `p ON DELETE CASCADE` (`id`)',
    ];
    expect(cascadingKeys(table(...lines))).toEqual(['a`b', 'plain']);
  });

  it('is not taken in by comments and checks', () => {
    const lines = [
      "  `x` int(11) COMMENT 'a\\n  CONSTRAINT `k` FOREIGN KEY (`p`) REFERENCES `p` (`id`) ON DELETE CASCADE'",
      "  CONSTRAINT `c` CHECK (`x` <> ' FOREIGN KEY ON DELETE CASCADE')",
    ];
    expect(cascadingKeys(table(...lines))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { ddlEffect } from './ddl-effect.ts';

const DROPPED = 'a column was dropped';

describe('what a statement of the redo log means for its table', () => {
  it.each([
    ['DROP TABLE "A"."T" CASCADE CONSTRAINTS', 'the table was dropped'],
    ['/* ops */ drop table t', 'the table was dropped'],
    ['ALTER TABLE t RENAME TO u', 'the table was renamed'],
    ['RENAME t TO u', 'the table was renamed'],
    ['ALTER TABLE "T"\n RENAME COLUMN "a" TO "b"', 'a column was renamed'],
    ['ALTER TABLE t DROP COLUMN a', DROPPED],
    ['ALTER TABLE t DROP ("a", b)', DROPPED],
    ['ALTER TABLE t DROP(a)', DROPPED],
    ['ALTER TABLE t SET UNUSED COLUMN a', DROPPED],
    ['ALTER TABLE t ADD (c NUMBER) DROP COLUMN a', DROPPED],
    ['ALTER TABLE t DROP PARTITION p1', 'rows went with a partition'],
    ['ALTER TABLE t TRUNCATE SUBPARTITION p1', 'rows went with a partition'],
    ['ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u', 'a partition was exchanged for a table'],
    ['FLASHBACK TABLE t TO SCN 5', 'the table was set back to an earlier state'],
  ])('%s', (sql, reason) => {
    expect(ddlEffect(sql)).toEqual({ tag: 'obstacle', reason });
  });

  it.each([
    'ALTER TABLE t ADD (c VARCHAR2(10))',
    'ALTER TABLE t MODIFY (c VARCHAR2(20))',
    `ALTER TABLE t MODIFY (c DEFAULT 'DROP COLUMN c')`,
    'ALTER TABLE t ADD ("DROP COLUMN" NUMBER)',
    'ALTER TABLE t MOVE -- RENAME TO u',
    'CREATE INDEX i ON t (a)',
    `COMMENT ON TABLE t IS 'RENAME TO u'`,
  ])('%s: only to be looked at', (sql) => {
    expect(ddlEffect(sql)).toMatchObject({ tag: 'altered', parts: 'none' });
  });

  it('partitions that are new', () => {
    const effect = ddlEffect('ALTER TABLE t ADD PARTITION p VALUES LESS THAN (5)');
    expect(effect).toEqual({ tag: 'altered', added: [], parts: 'made' });
  });

  it.each([
    'ALTER TABLE t SPLIT PARTITION p AT (5) INTO (PARTITION a, PARTITION b)',
    'alter table t merge subpartitions a, b into subpartition c',
    'ALTER TABLE t COALESCE PARTITION',
  ])('%s: rows change to other partitions', (sql) => {
    expect(ddlEffect(sql)).toMatchObject({ tag: 'altered', added: [], parts: 'ended' });
  });

  it('a truncate', () => {
    expect(ddlEffect('truncate /* all */ table "A"."T" reuse storage')).toEqual({ tag: 'truncate' });
  });
});

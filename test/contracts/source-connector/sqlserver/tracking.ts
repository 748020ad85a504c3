import type { Ability, Loss } from '../source-under-test.ts';

/** Extract type changeTracking: what SQL Server does not tell by change tracking. */
export const TRACKING_LIMITS: Readonly<Partial<Record<Ability, string>>> = {
  everyVersion: 'CHANGETABLE tells what became of each key since a version, not what it was in between',
  keyless: 'change tracking wants a primary key',
  chosenKey: 'of a deleted row change tracking tells the primary key only',
  truncate: 'a truncate is not told: the table is whole from then on only',
};

export const TRACKING_LOSSES: readonly Loss[] = [
  {
    name: 'the retention has passed',
    code: 'PS2006',
    lose: ({ admin }) => admin.run('SELECT fake.clean_up()'),
  },
  {
    name: 'the database was restored',
    code: 'PS2001',
    lose: ({ admin }) => admin.run('SELECT fake.restore()'),
  },
  {
    name: 'the versions are those of before, under the same name',
    code: 'PS2001',
    lose: ({ admin }) => admin.run('SELECT fake.turn_back()'),
  },
];

import type { DatabaseUnderTest, Loss } from '../source-under-test.ts';

const ENABLE =
  "EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'lost', @role_name = NULL, @supports_net_changes = 0";

/** The job gets to the beginning of a new capture instance, as it does within seconds. */
const CAPTURE = 'SELECT fake.run_capture()';

export const CDC_LOSSES: readonly Loss[] = [
  {
    name: 'the clean-up removed what was not read',
    code: 'PS2006',
    lose: ({ admin }: DatabaseUnderTest) => admin.run('SELECT fake.clean_up_capture()'),
  },
  {
    name: 'change data capture was switched off and on again',
    code: 'PS2006',
    lose: ({ admin }: DatabaseUnderTest) =>
      admin.run('EXEC sys.sp_cdc_disable_db', 'EXEC sys.sp_cdc_enable_db', ENABLE, CAPTURE),
  },
  {
    name: 'the database was restored',
    code: 'PS2001',
    lose: ({ admin }: DatabaseUnderTest) => admin.run('SELECT fake.restore()'),
  },
];

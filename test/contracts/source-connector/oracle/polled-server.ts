import type { ConnectOptions, ServerUnderTest } from '../source-under-test.ts';

/** Oracle refuses settings that do not go with the extract type, which the suite gives for all. */
export function withOwnFields(server: ServerUnderTest): ServerUnderTest {
  return {
    ...server,
    database: async (name) => {
      const database = await server.database(name);
      return {
        ...database,
        connect: (options = {}) => database.connect({ ...options, settings: ownFields(options.settings ?? {}) }),
      };
    },
  };
}

function ownFields(settings: NonNullable<ConnectOptions['settings']>): NonNullable<ConnectOptions['settings']> {
  const { lagSeconds, overlapSeconds, pollSeconds, timestampZone, ...others } = settings;
  const polls = { lagSeconds, overlapSeconds, pollSeconds, timestampZone };
  return others['extractType'] === 'fullExtracts' ? others : { ...others, ...polls };
}

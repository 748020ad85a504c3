/** Which server is under test, by its major version: what it can do, and which words it takes, goes by that. */
export type PostgresRelease = number;

/** The one that comes with the npm packages. */
export const BUNDLED: PostgresRelease = 18;

/** What every session begins with. Numbers, dates and times are the same texts on each of them, whatever the server's settings are. */
export type SessionStatement =
  /**
   * No rows. Dates are printed `YYYY-MM-DD HH24:MI:SS` behind a minus (before Christ) or a space, timestamps with nine digits of a second and, where they have a zone, `+hh:mm`; the
   * decimal point is a point, the calendar ours; texts are compared byte by byte.
   */
  | { readonly tag: 'setFormats' }
  /** No rows. The session's zone is UTC, in which TIMESTAMP WITH LOCAL TIME ZONE is printed. */
  | { readonly tag: 'setZone' }
  /** No rows. The session goes to the root of the container database. Error 1031 without the right SET CONTAINER, 65024 where the root is not open. */
  | { readonly tag: 'setRoot' };

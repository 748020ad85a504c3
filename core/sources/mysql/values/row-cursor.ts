/** Where a row image is being read: one object for a whole log, because one for each value would cost more than the value. */
export class RowCursor {
  buffer: Buffer = Buffer.alloc(0);
  offset = 0;
}

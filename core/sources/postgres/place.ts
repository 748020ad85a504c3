/** A log sequence number, PostgreSQL's place in its log, as `X/Y` in hexadecimal. */
export type LsnText = string;

const LOW_BITS = 32n;
const LOW_MASK = 0xffff_ffffn;
const ORDER_DIGITS = 16;

export function parseLsn(text: LsnText): bigint {
  const [high, low] = text.split('/');
  return (BigInt(`0x${high ?? '0'}`) << LOW_BITS) | BigInt(`0x${low ?? '0'}`);
}

export function lsnText(lsn: bigint): LsnText {
  return `${(lsn >> LOW_BITS).toString(16).toUpperCase()}/${(lsn & LOW_MASK).toString(16).toUpperCase()}`;
}

/** 16 hexadecimal digits: sorts as text as the numbers do. */
export function lsnOrder(lsn: bigint): string {
  return lsn.toString(16).padStart(ORDER_DIGITS, '0');
}

/**
 * A position's order as people read it; null for what is none. The commit's SCN is what the server's views and messages speak of, the thread
 * and the RS_ID (log sequence, block, byte) lead to it in the logs, the transaction is `<usn>.<slot>.<sequence>`.
 */
export function orderText(order: string): string | null {
  const { scn, thread, address, container, transaction, late } = ORDER.exec(order)?.groups ?? {};
  if (scn === undefined) return null;
  const behind = late === undefined ? '' : `, surfaced late (${withoutZeros(late)})`;
  return `SCN ${withoutZeros(scn)}${commitText(thread, address ?? '', container, transaction ?? '')}${behind}`;
}

function commitText(
  thread: string | undefined,
  address: string,
  container: string | undefined,
  transaction: string,
): string {
  if (thread === undefined) return '';
  const rsId = /^[0x.]*$/.test(address) ? '' : `, RS_ID ${address.replace(/^0+(?=0x|[1-9a-f])/, '')}`;
  const within = container === undefined || container === '0' ? '' : ` in container ${container}`;
  return `, thread ${withoutZeros(thread)}${rsId}, transaction ${transaction}${within}`;
}

/** As mined-place.ts makes it: of a commit, or behind all of an SCN. */
const ORDER =
  /^(?<scn>\d{20})(?:~|\/(?<thread>\d{5})\/(?<address>[^/]*)\/\d+\/(?:(?<container>\d+):)?(?<transaction>[^/+]*))(?:\+(?<late>\d{6})?)?\+?$/;

function withoutZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}

const LETTER_R = 0x72;
const LENGTH = 34;
/** 2000-01-01 in milliseconds since 1970. */
const EPOCH_MILLISECONDS = 946_684_800_000;

/**
 * Standby status update. Written, flushed and applied are all the acknowledged place: the server drops its log up to `flushed`,
 * so it must never be more than what is durable here. 0 means that nothing is said.
 */
export function statusUpdate(acknowledged: bigint, nowMilliseconds: number, wantsReply: boolean): Buffer {
  const message = Buffer.alloc(LENGTH);
  message[0] = LETTER_R;
  message.writeBigUInt64BE(acknowledged, 1);
  message.writeBigUInt64BE(acknowledged, 9);
  message.writeBigUInt64BE(acknowledged, 17);
  message.writeBigInt64BE(BigInt(nowMilliseconds - EPOCH_MILLISECONDS) * 1000n, 25);
  message[33] = wantsReply ? 1 : 0;
  return message;
}

import { createSign, generateKeyPairSync } from 'node:crypto';

/**
 * The authorities that the user trusts, as the driver wants them. It reads one PEM text ("wallet") as authorities, as a certificate of its own
 * and as the key of that one, and refuses a text without a key. A file of authorities alone gets a certificate and a key that nobody knows
 * and no server asks for; in a wallet that has a key nothing is changed.
 */
export function walletOf(pem: string): string {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return pem;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = certificateBody(publicKey.export({ type: 'spki', format: 'der' }));
  const signature = createSign('sha256').update(body).sign(privateKey);
  const certificate = sequence(body, ECDSA_SHA256, der(BIT_STRING, Buffer.concat([Buffer.from([0]), signature])));
  // The first certificate is taken for the driver's own.
  return [pemOf('CERTIFICATE', certificate), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), pem].join(
    '\n',
  );
}

// X.509 (RFC 5280) in DER, as little as makes a certificate.
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;
const SHORT_LENGTH = 0x80;
const ONE_BYTE = 0x81;
const TWO_BYTES = 0x82;
const BYTE = 256;

const ECDSA_SHA256 = sequence(der(OBJECT_IDENTIFIER, Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])));
const COMMON_NAME = der(OBJECT_IDENTIFIER, Buffer.from([0x55, 0x04, 0x03]));

function certificateBody(publicKey: Buffer): Buffer {
  const name = sequence(der(SET, sequence(COMMON_NAME, der(UTF8_STRING, Buffer.from('penstock')))));
  const moment = (text: string) => der(UTC_TIME, Buffer.from(text));
  const validity = sequence(moment('200101000000Z'), moment('491231235959Z'));
  return sequence(der(INTEGER, Buffer.from([1])), ECDSA_SHA256, name, validity, name, publicKey);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(SEQUENCE, Buffer.concat(parts));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < SHORT_LENGTH
      ? [length]
      : length < BYTE
        ? [ONE_BYTE, length]
        : [TWO_BYTES, Math.floor(length / BYTE), length % BYTE];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pemOf(label: string, bytes: Buffer): string {
  return `-----BEGIN ${label}-----\n${bytes.toString('base64').replaceAll(/(.{64})/g, '$1\n')}\n-----END ${label}-----`;
}

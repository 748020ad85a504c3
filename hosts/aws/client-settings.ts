/** Milliseconds until a connection stands; in one region it takes a few. */
const CONNECT_MILLISECONDS = 2000;
/** Milliseconds until the answer of a small request begins. */
const ANSWER_MILLISECONDS = 4000;
/** The same for S3, where a request carries up to 16 MB. */
const TRANSFER_MILLISECONDS = 60_000;
/** A body that stands still for this long has lost its connection. */
const IDLE_MILLISECONDS = 30_000;

/**
 * Four tries: with their pauses they end within a lease's 30 seconds. The `standard` mode, not `adaptive`: that one makes all
 * requests of a client wait after one of them was throttled, the renewal of a lease among them.
 */
const RETRIES = { maxAttempts: 4, retryMode: 'standard' } as const;

/** What the SDK's clients are made with. */
export interface ClientSettings {
  readonly maxAttempts: number;
  readonly retryMode: 'standard';
  readonly requestHandler: Readonly<Record<string, number | boolean>>;
}

/** For services whose answers are small and come at once. */
export const ANSWERING = answeringWithin(ANSWER_MILLISECONDS);

/** For calls that are waited for as long as this, in milliseconds; they are tried so often. */
export function answeringWithin(milliseconds: number, maxAttempts: number = RETRIES.maxAttempts): ClientSettings {
  return { ...RETRIES, maxAttempts, requestHandler: timeouts(milliseconds) };
}

/** For S3. */
export function transferring(
  environment: Readonly<Record<string, string | undefined>>,
): ClientSettings & { readonly forcePathStyle: boolean } {
  // An S3 that is not AWS's own seldom has a host name for each bucket.
  const forcePathStyle = (environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL']) !== undefined;
  return { ...answeringWithin(TRANSFER_MILLISECONDS), forcePathStyle };
}

function timeouts(requestTimeout: number): Record<string, number | boolean> {
  return {
    connectionTimeout: CONNECT_MILLISECONDS,
    requestTimeout,
    throwOnRequestTimeout: true,
    socketTimeout: IDLE_MILLISECONDS,
  };
}

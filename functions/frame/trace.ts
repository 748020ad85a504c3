import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

/**
 * A call's part of its X-Ray trace: how long it took, how it ended, and annotations to find it by. It is one datagram to the daemon
 * beside the function, in the daemon's own form; Powertools' tracer would say the same with 130 kB and a tenth more of cold start.
 */
export type Annotations = Readonly<Record<string, string | boolean>>;

interface Traced {
  readonly trace: string;
  readonly parent: string;
  readonly daemon: { readonly host: string; readonly port: number };
}

/** What the service shows of an error's message. */
const LONGEST_MESSAGE = 500;

/** Runs `work`; where Lambda traces this call, says so when it ends. A trace that cannot be sent is nobody's error. */
export async function traced<Result>(
  name: string,
  annotations: Annotations,
  work: () => Promise<Result>,
): Promise<Result> {
  const call = tracedCall(process.env);
  if (call === null) return work();
  const started = Date.now();
  try {
    const result = await work();
    await send(call, segment(call, name, annotations, started, {}));
    return result;
  } catch (error) {
    await send(call, segment(call, name, annotations, started, faultOf(error)));
    throw error;
  }
}

/** Lambda writes the trace of each call to the environment, if it takes one: `Root=…;Parent=…;Sampled=1`. */
function tracedCall(environment: Readonly<Record<string, string | undefined>>): Traced | null {
  const header = new Map((environment['_X_AMZN_TRACE_ID'] ?? '').split(';').map(pairOf));
  const [trace, parent] = [header.get('Root'), header.get('Parent')];
  const [, host, port] = /(?:udp:)?([^\s:]+):(\d+)$/.exec(environment['AWS_XRAY_DAEMON_ADDRESS'] ?? '') ?? [];
  if (header.get('Sampled') !== '1' || trace === undefined || parent === undefined) return null;
  return host === undefined ? null : { trace, parent, daemon: { host, port: Number(port) } };
}

function pairOf(part: string): [name: string, value: string] {
  const [name = '', value = ''] = part.split('=');
  return [name, value];
}

function segment(
  { trace, parent }: Traced,
  name: string,
  annotations: Annotations,
  started: number,
  outcome: object,
): object {
  const id = randomBytes(8).toString('hex');
  const times = { start_time: started / 1000, end_time: Date.now() / 1000 };
  return { type: 'subsegment', trace_id: trace, parent_id: parent, id, name, ...times, annotations, ...outcome };
}

function faultOf(error: unknown): object {
  const [type, message] = error instanceof Error ? [error.name, error.message] : ['unknown', ''];
  const exception = { id: randomBytes(8).toString('hex'), type, message: message.slice(0, LONGEST_MESSAGE) };
  return { fault: true, cause: { exceptions: [exception] } };
}

function send({ daemon }: Traced, document: object): Promise<void> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (): void => {
      socket.close();
      resolve();
    };
    socket.once('error', end);
    socket.send(`{"format":"json","version":1}\n${JSON.stringify(document)}`, daemon.port, daemon.host, () => {
      socket.off('error', end);
      end();
    });
  });
}

import * as z from 'zod';

const METADATA_MILLISECONDS = 2000;
const metadata = z.object({ TaskARN: z.string().min(1) });

/** The ARN of the ECS task that this process runs in, from the container's metadata endpoint (version 4); null elsewhere. */
export async function taskArn(environment: Readonly<Record<string, string | undefined>>): Promise<string | null> {
  const endpoint = environment['ECS_CONTAINER_METADATA_URI_V4'];
  if (endpoint === undefined) return null;
  try {
    const reply = await fetch(`${endpoint}/task`, { signal: AbortSignal.timeout(METADATA_MILLISECONDS) });
    return metadata.parse(await reply.json()).TaskARN;
  } catch {
    return null;
  }
}

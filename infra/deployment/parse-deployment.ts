import { pathText, problemsOf, type Problem } from '../../core/pipeline/configuration-problem.ts';
import { namesAt, schemaNode } from '../../core/pipeline/known-names.ts';
import { distinctDatabases, MOST_DATABASES } from '../network/acl-rules.ts';
import { isWithin, overlaps, prefixLength, rangeOf } from '../network/cidr.ts';
import { deploymentSchema, type Deployment } from './deployment.ts';

export type ParsedDeployment =
  | { readonly tag: 'deployment'; readonly deployment: Deployment }
  | { readonly tag: 'problems'; readonly problems: readonly Problem[] };

const NAME_PLACEHOLDERS: readonly string[] = ['application', 'pipeline', 'environment', 'service'];
const WIDEST_VPC = 16;
const NARROWEST_VPC = 24;

/** Pure: what a `penstock.config.ts` exports, with every default filled in, or everything that is wrong with it. */
export function parseDeployment(value: unknown): ParsedDeployment {
  const parsed = deploymentSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    const node = schemaNode(deploymentSchema);
    return { tag: 'problems', problems: problemsOf(parsed.error, value, [], (path) => namesAt(node, path)) };
  }
  const deployment = parsed.data;
  const problems = [...nameProblems(deployment), ...networkProblems(deployment), ...engineProblems(deployment)];
  return problems.length > 0 ? { tag: 'problems', problems } : { tag: 'deployment', deployment };
}

/** `network.cidr: expected …`; without a path where the file as a whole is meant. */
export function problemLine({ path, message }: Problem): string {
  return path.length === 0 ? message : `${pathText(path)}: ${message}`;
}

function nameProblems({ nameTag }: Deployment): Problem[] {
  const unknown = [...nameTag.matchAll(/\{(\w*)\}/g)].filter(([, name]) => !NAME_PLACEHOLDERS.includes(name ?? ''));
  const rest = nameTag.replace(/\{\w*\}/g, '');
  const problems: Problem[] = unknown.map(([text]) => ({
    path: ['nameTag'],
    message: `${text} stands for nothing; known are ${NAME_PLACEHOLDERS.map((name) => `{${name}}`).join(', ')}`,
  }));
  if (/[{}]/.test(rest)) problems.push({ path: ['nameTag'], message: 'expected braces in pairs' });
  return problems;
}

function networkProblems({ network, pipelines }: Deployment): Problem[] {
  if (network.tag === 'existing') {
    const { availabilityZones, privateSubnetIds } = network;
    if (availabilityZones.length === privateSubnetIds.length) return [];
    const message = `expected one subnet for each of the ${availabilityZones.length} zones, in their order, found ${privateSubnetIds.length}`;
    return [{ path: ['network', 'privateSubnetIds'], message }];
  }
  const problems: Problem[] = [];
  const length = prefixLength(network.cidr);
  if (length < WIDEST_VPC || length > NARROWEST_VPC) {
    const message = `expected a range from /${WIDEST_VPC} to /${NARROWEST_VPC}, found /${length}`;
    problems.push({ path: ['network', 'cidr'], message });
  }
  if (network.nat === 'none' && !network.interfaceEndpoints) {
    problems.push({
      path: ['network', 'interfaceEndpoints'],
      message: 'expected true, because with `nat: none` nothing else leads to Secrets Manager, ECR and Logs',
    });
  }
  const own = rangeOf(network.cidr);
  pipelines.forEach(({ reachable }, index) =>
    reachable.forEach(({ cidr }, place) => {
      const range = rangeOf(cidr);
      // All addresses and the like are a choice, not a network that the VPC's would clash with.
      if (prefixLength(cidr) >= 8 && overlaps(range, own) && !isWithin(range, own)) {
        problems.push({
          path: ['pipelines', index, 'reachable', place, 'cidr'],
          message: `overlaps with network.cidr ${network.cidr}, so nothing can be routed there; give the VPC other addresses`,
        });
      }
    }),
  );
  const databases = distinctDatabases(pipelines.flatMap(({ reachable }) => reachable));
  if (databases.length > MOST_DATABASES) {
    problems.push({
      path: ['pipelines'],
      message: `expected at most ${MOST_DATABASES} different databases in reachable, found ${databases.length}: a network ACL holds 20 rules; name larger ranges`,
    });
  }
  return problems;
}

function engineProblems({ pipelines }: Deployment): Problem[] {
  return pipelines.flatMap(({ reader, highAvailability }, index) =>
    reader === 'external' && highAvailability
      ? [
          {
            path: ['pipelines', index, 'highAvailability'],
            message: 'expected false with `reader: external`: start a second reader on premises instead, it stands by',
          },
        ]
      : [],
  );
}

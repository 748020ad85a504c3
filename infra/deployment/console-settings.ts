import * as z from 'zod';

/** The web console of a deployment: who may use it, from where, under which name. */

const httpsUrl = z.url({ protocol: /^https$/, error: 'an address that begins with https://' });
const origin = httpsUrl.regex(/^https:\/\/[^/]+$/, 'an origin such as https://login.example.com, without a path');
const words = z.array(z.string().min(1));

const cognito = z.strictObject({
  tag: z.literal('cognito'),
  domainPrefix: z
    .string()
    .regex(/^(?!.*(?:aws|amazon|cognito))[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'small letters, digits and hyphens')
    .nullable()
    .default(null)
    .describe(
      'Of the sign-in page, unique in the region; null: made of application, environment and account. Without aws, amazon, cognito.',
    ),
  sessionHours: z
    .int()
    .min(1)
    .max(240)
    .default(12)
    .describe('After so many hours somebody signs in again, with the second factor.'),
});

const oidc = z.strictObject({
  tag: z.literal('oidc'),
  issuer: httpsUrl.describe('As the tokens name it in `iss`; its discovery document must be reachable for browsers.'),
  clientId: z.string().min(1).describe('Of a public client (single-page app) with code flow and PKCE.'),
  audience: words.default([]).describe("What tokens name in `aud`; empty: the client's id."),
  scope: z.string().min(1).default('openid profile email'),
  bearer: z
    .enum(['access', 'id'])
    .default('access')
    .describe('The token that calls carry; `id` where access tokens of the provider are no JWTs.'),
  parameters: z
    .record(z.string(), z.string())
    .default({})
    .describe('Further parameters of the authorization request, such as `audience` for Auth0.'),
  claim: z.string().min(1).default('groups').describe('The claim that lists groups or roles.'),
  viewer: words.default(['viewer']).describe('Values of the claim that may look.'),
  operator: words.min(1).default(['operator']).describe('Values of the claim that may change something, too.'),
  user: words
    .min(1)
    .default(['email', 'preferred_username', 'name', 'sub'])
    .describe('Claims that may name the user, best first.'),
  origins: z
    .array(origin)
    .default([])
    .describe("Origins of the provider's endpoints that are not the issuer's own, such as the token endpoint's."),
});

export const consoleSettings = z.strictObject({
  signIn: z.discriminatedUnion('tag', [cognito, oidc]).prefault({ tag: 'cognito' }),
  allowList: z
    .array(z.union([z.cidrv4(), z.cidrv6()], { error: 'an address range such as 203.0.113.0/24 or 2001:db8::/32' }))
    .default([])
    .describe('Address ranges (IPv4, IPv6) from which the console may be used; empty: from everywhere.'),
  customDomain: z
    .strictObject({
      name: z.hostname(),
      certificateArn: z.string().regex(/^arn:aws[a-z-]*:acm:/, 'the ARN of a certificate in ACM, in the same region'),
    })
    .nullable()
    .default(null)
    .describe("A name of yours instead of API Gateway's; the record in DNS is yours to make."),
});

export type ConsoleSettings = z.output<typeof consoleSettings>;
export type SignIn = ConsoleSettings['signIn'];

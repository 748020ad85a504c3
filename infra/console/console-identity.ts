import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRecovery,
  CfnUserPoolGroup,
  FeaturePlan,
  Mfa,
  OAuthScope,
  UserPool,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { acknowledge } from '../checks/acknowledge.ts';
import type { SignIn } from '../deployment/console-settings.ts';

/** Who vouches for users, and how the console knows their role. Texts may be tokens. */
export interface ConsoleIdentity {
  readonly issuer: string;
  /** What tokens name in `aud`, or Cognito's access tokens in `client_id`. */
  readonly audience: readonly string[];
  /** As web/api/schemas/sign-in.ts has it: what the pages are told. */
  readonly signIn: Readonly<Record<string, unknown>>;
  readonly roles: {
    readonly claim: string;
    readonly viewer: readonly string[];
    readonly operator: readonly string[];
    readonly user: readonly string[];
  };
  /** The pool's id, where it is made here. */
  readonly userPool: string | null;
}

/** The paths of the pages that the provider sends browsers back to; web/api/schemas/sign-in.ts and the pages name them, too. */
const SIGNED_IN_PATH = '/signed-in';
const SIGNED_OUT_PATH = '/';

/** How long a stolen token is good for. */
const TOKEN_MINUTES = 30;
/** In which a refresh whose answer was lost may be asked again with the token that it took. */
const ROTATION_GRACE = Duration.seconds(30);

interface Place {
  /** Of the console: `https://…` without a slash at its end. */
  readonly url: string;
  /** What names begin with: `<Application>-<Environment>`. */
  readonly prefix: string;
}

export function consoleIdentity(scope: Construct, signIn: SignIn, place: Place): ConsoleIdentity {
  return signIn.tag === 'oidc' ? foreignProvider(signIn) : cognitoPool(scope, signIn, place);
}

function foreignProvider(signIn: Extract<SignIn, { tag: 'oidc' }>): ConsoleIdentity {
  const { issuer, clientId, audience, scope, bearer, parameters, claim, viewer, operator, user, origins } = signIn;
  return {
    issuer,
    audience: audience.length === 0 ? [clientId] : audience,
    signIn: {
      ...{ issuer, clientId, scope, bearer, parameters },
      endpoints: null,
      signOutReturn: 'post_logout_redirect_uri',
      origins: [...new Set([new URL(issuer).origin, ...origins])],
    },
    roles: { claim, viewer, operator, user },
    userPool: null,
  };
}

function cognitoPool(scope: Construct, signIn: Extract<SignIn, { tag: 'cognito' }>, place: Place): ConsoleIdentity {
  const { region, urlSuffix } = Stack.of(scope);
  const pool = newPool(scope);
  for (const [groupName, description] of Object.entries(GROUPS)) {
    new CfnUserPoolGroup(scope, `Group-${groupName}`, { userPoolId: pool.userPoolId, groupName, description });
  }
  const client = newClient(pool, signIn, place.url);
  const name = signIn.domainPrefix ?? `${domainName(place.prefix)}-${Aws.ACCOUNT_ID}`;
  pool.addDomain('Domain', { cognitoDomain: { domainPrefix: name } });
  const origin = `https://${name}.auth.${region}.amazoncognito.com`;
  const issuer = `https://cognito-idp.${region}.${urlSuffix}/${pool.userPoolId}`;
  return {
    issuer,
    audience: [client.userPoolClientId],
    signIn: {
      issuer,
      clientId: client.userPoolClientId,
      scope: 'openid email profile',
      bearer: 'access',
      parameters: {},
      endpoints: {
        authorization: `${origin}/oauth2/authorize`,
        token: `${origin}/oauth2/token`,
        revocation: `${origin}/oauth2/revoke`,
        signOut: `${origin}/logout`,
      },
      signOutReturn: 'logout_uri',
      origins: [origin],
    },
    roles: { claim: 'cognito:groups', viewer: ['viewer'], operator: ['operator'], user: ['username', 'sub'] },
    userPool: pool.userPoolId,
  };
}

const GROUPS = { viewer: 'May look at the console', operator: 'May look, and change what the console lets change' };

/** Administrators make the users; nobody signs up. */
function newPool(scope: Construct): UserPool {
  const pool = new UserPool(scope, 'Users', {
    // The name that the audit shows; a mail address is no claim of access tokens.
    signInAliases: { username: true, email: true },
    signInCaseSensitive: false,
    selfSignUpEnabled: false,
    mfa: Mfa.REQUIRED,
    // Text messages can be intercepted; mail is where a forgotten password is mended from.
    mfaSecondFactor: { otp: true, sms: false },
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    passwordPolicy: {
      minLength: 14,
      requireDigits: true,
      requireLowercase: true,
      requireUppercase: true,
      requireSymbols: true,
      tempPasswordValidity: Duration.days(3),
    },
    featurePlan: FeaturePlan.ESSENTIALS,
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  acknowledge(
    pool,
    'AwsSolutions-COG8',
    'Threat protection of the plan Plus costs for each user; users are made by hand, and MFA is required of all.',
  );
  return pool;
}

/** A page in a browser keeps no secret: code flow with PKCE, and refresh tokens that are good once. */
function newClient(pool: UserPool, { sessionHours }: Extract<SignIn, { tag: 'cognito' }>, url: string): UserPoolClient {
  return pool.addClient('Pages', {
    generateSecret: false,
    // Without one of them named, all are there, also the one that refresh tokens which are good once exclude.
    authFlows: { userSrp: true },
    oAuth: {
      flows: { authorizationCodeGrant: true, implicitCodeGrant: false, clientCredentials: false },
      scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
      callbackUrls: [url + SIGNED_IN_PATH],
      logoutUrls: [url + SIGNED_OUT_PATH],
    },
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    accessTokenValidity: Duration.minutes(TOKEN_MINUTES),
    idTokenValidity: Duration.minutes(TOKEN_MINUTES),
    refreshTokenValidity: Duration.hours(sessionHours),
    refreshTokenRotationGracePeriod: ROTATION_GRACE,
  });
}

/** Cognito's limit. */
const MOST_DOMAIN = 63;

/** What stands before the account's number: small letters, digits and hyphens, and none of the words that Cognito refuses. */
export function domainName(prefix: string): string {
  return `penstock-${prefix}`
    .toLowerCase()
    .replaceAll(/aws|amazon|cognito/g, 'x')
    .slice(0, MOST_DOMAIN - '-123456789012'.length)
    .replace(/-+$/, '');
}

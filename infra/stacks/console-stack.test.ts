import { beforeAll, describe, expect, it } from 'vitest';
import { FUNCTION_NAMES } from '../pipeline/function-table.ts';
import { domainName } from '../console/console-identity.ts';
import { ASKED_FUNCTIONS } from '../console/console-permissions.ts';
import {
  consoleResources,
  synthesiseConsole,
  type SynthesisedConsole,
} from '../../test/fixtures/synthesised-console.ts';
import { consoleDocument, consoleEnvironment } from '../../web/aws/console-environment.ts';
import { SIGNED_IN_PATH } from '../../web/api/schemas/sign-in.ts';

const OIDC = {
  tag: 'oidc',
  issuer: 'https://login.example.com/tenant/',
  clientId: 'penstock-console',
  audience: ['https://console.example.com'],
  claim: 'roles',
  viewer: ['Penstock.View'],
  operator: ['Penstock.Operate'],
  parameters: { audience: 'https://console.example.com' },
  origins: ['https://token.example.com'],
} as const;

let cognito: SynthesisedConsole;
let oidc: SynthesisedConsole;
let none: SynthesisedConsole;

beforeAll(async () => {
  cognito = await synthesiseConsole('standard', {});
  oidc = await synthesiseConsole('high-availability', {
    signIn: {
      ...OIDC,
      audience: [...OIDC.audience],
      viewer: [...OIDC.viewer],
      operator: [...OIDC.operator],
      origins: [...OIDC.origins],
    },
    allowList: ['203.0.113.0/24', '2001:db8::/32'],
    customDomain: {
      name: 'console.example.com',
      certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/11111111-2222-3333-4444-555555555555',
    },
  });
  none = await synthesiseConsole('standard', null);
});

interface Route {
  readonly RouteKey: string;
  readonly AuthorizationType: string;
  readonly AuthorizerId?: string;
}

function routesOf(console: SynthesisedConsole): Route[] {
  return consoleResources(console, 'AWS::ApiGatewayV2::Route') as unknown as Route[];
}

describe('the routes', () => {
  it.each([
    ['with Cognito', () => cognito],
    ['with a provider of one’s own', () => oidc],
  ])('%s: whatever is not a page is behind the authoriser', (_title, console) => {
    const routes = routesOf(console());
    const authorizers = [...console().resources].filter(([, { Type }]) => Type === 'AWS::ApiGatewayV2::Authorizer');
    expect(authorizers).toHaveLength(1);
    const guarded = routes.filter(({ RouteKey }) => !/^GET \/(?:\{proxy\+\})?$/.test(RouteKey));
    expect(guarded.map(({ RouteKey }) => RouteKey).sort()).toEqual(['ANY /api/{proxy+}', 'ANY /ingest/{proxy+}']);
    for (const { AuthorizationType, AuthorizerId } of guarded) {
      expect([AuthorizationType, AuthorizerId]).toEqual(['JWT', authorizers[0]?.[0]]);
    }
    expect(
      routes.filter(({ AuthorizationType }) => AuthorizationType !== 'JWT').map(({ RouteKey }) => RouteKey),
    ).toEqual(['GET /', 'GET /{proxy+}']);
  });

  it('all go to the one function, by events of format 2.0', () => {
    expect(consoleResources(cognito, 'AWS::ApiGatewayV2::Integration')).toHaveLength(1);
    expect(consoleResources(cognito, 'AWS::ApiGatewayV2::Integration')[0]).toMatchObject({
      IntegrationType: 'AWS_PROXY',
      PayloadFormatVersion: '2.0',
    });
  });

  it('take so many requests a second, and leave a line of each without its query', () => {
    const [stage] = consoleResources(cognito, 'AWS::ApiGatewayV2::Stage');
    expect(stage).toMatchObject({ DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 } });
    const { Format } = stage?.['AccessLogSettings'] as { Format: string };
    expect(Object.keys(JSON.parse(Format) as object)).toEqual(expect.arrayContaining(['requestId', 'ip', 'status']));
    expect(Format).not.toMatch(/query|path\.|requestOverride|header|body/i);
  });

  it('no other origin is let in, and there is no other way in', () => {
    for (const console of [cognito, oidc]) {
      const [api] = consoleResources(console, 'AWS::ApiGatewayV2::Api');
      expect(api).not.toHaveProperty('CorsConfiguration');
      expect(consoleResources(console, 'AWS::Lambda::Url')).toEqual([]);
      for (const { Principal, SourceArn } of consoleResources(console, 'AWS::Lambda::Permission')) {
        expect(Principal).toBe('apigateway.amazonaws.com');
        expect(SourceArn).toMatch(/^arn:aws:execute-api:eu-central-1:123456789012:Api\w+\/\*\/\*\//);
      }
    }
  });
});

describe('sign-in with Cognito', () => {
  it('the pool wants a second factor and strong passwords, and nobody signs up', () => {
    expect(consoleResources(cognito, 'AWS::Cognito::UserPool')[0]).toMatchObject({
      MfaConfiguration: 'ON',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      DeletionProtection: 'ACTIVE',
      Policies: { PasswordPolicy: { MinimumLength: 14, RequireSymbols: true, RequireNumbers: true } },
    });
    const groups = consoleResources(cognito, 'AWS::Cognito::UserPoolGroup').map(({ GroupName }) => GroupName);
    expect(groups.sort()).toEqual(['operator', 'viewer']);
  });

  it('the pages are a public client: a code, no token in an address, and refresh tokens that are good once', () => {
    const { ConsoleUrl } = cognito.outputs as { ConsoleUrl: string };
    expect(ConsoleUrl).toMatch(/^https:\/\/Api\w+\.execute-api\.eu-central-1\.amazonaws\.com$/);
    expect(consoleResources(cognito, 'AWS::Cognito::UserPoolClient')[0]).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      CallbackURLs: [`${ConsoleUrl}${SIGNED_IN_PATH}`],
      LogoutURLs: [`${ConsoleUrl}/`],
      AccessTokenValidity: 30,
      RefreshTokenValidity: 720,
      RefreshTokenRotation: { Feature: 'ENABLED' },
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'],
      PreventUserExistenceErrors: 'ENABLED',
    });
  });

  it('the authoriser and the pages are told the same', () => {
    const { signIn } = consoleEnvironment(cognito.environment ?? {});
    const [authorizer] = consoleResources(cognito, 'AWS::ApiGatewayV2::Authorizer');
    expect(authorizer).toMatchObject({
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: signIn.issuer, Audience: [signIn.clientId] },
    });
    const domain = 'https://penstock-penstock-test-123456789012.auth.eu-central-1.amazoncognito.com';
    expect(signIn).toMatchObject({
      bearer: 'access',
      endpoints: { token: `${domain}/oauth2/token`, signOut: `${domain}/logout` },
      signOutReturn: 'logout_uri',
      origins: [domain],
    });
    expect(consoleResources(cognito, 'AWS::Cognito::UserPoolDomain')[0]).toMatchObject({
      Domain: 'penstock-penstock-test-123456789012',
    });
    expect(consoleDocument.parse(cognito.document).roles).toEqual({
      claim: 'cognito:groups',
      viewer: ['viewer'],
      operator: ['operator'],
      user: ['username', 'sub'],
    });
  });

  it('the domain of the sign-in page may be named, and is otherwise made of what Cognito takes', async () => {
    const console = await synthesiseConsole('standard', { signIn: { tag: 'cognito', domainPrefix: 'mine' } });
    const { signIn } = consoleEnvironment(console.environment ?? {});
    expect(signIn.origins).toEqual(['https://mine.auth.eu-central-1.amazoncognito.com']);
    expect(domainName('SingleStoreIngest-Prod')).toBe('penstock-singlestoreingest-prod');
    expect(domainName('AwsIngest-Prod')).toBe('penstock-xingest-prod');
    expect(domainName(`${'a'.repeat(31)}-${'b'.repeat(31)}`).length).toBe(63 - '-123456789012'.length);
  });
});

describe('sign-in with a provider of one’s own', () => {
  it('makes no user pool, and tells authoriser, pages and function what the provider says', () => {
    expect([...oidc.resources.values()].filter(({ Type }) => Type.startsWith('AWS::Cognito::'))).toEqual([]);
    const [authorizer] = consoleResources(oidc, 'AWS::ApiGatewayV2::Authorizer');
    expect(authorizer).toMatchObject({
      JwtConfiguration: { Issuer: OIDC.issuer, Audience: OIDC.audience },
    });
    expect(consoleEnvironment(oidc.environment ?? {}).signIn).toEqual({
      issuer: OIDC.issuer,
      clientId: OIDC.clientId,
      scope: 'openid profile email',
      bearer: 'access',
      parameters: OIDC.parameters,
      endpoints: null,
      signOutReturn: 'post_logout_redirect_uri',
      origins: ['https://login.example.com', 'https://token.example.com'],
    });
    expect(consoleDocument.parse(oidc.document)).toMatchObject({
      roles: { claim: 'roles', viewer: ['Penstock.View'], operator: ['Penstock.Operate'] },
      allowList: ['203.0.113.0/24', '2001:db8::/32'],
    });
  });

  it('a custom domain is the only name', () => {
    expect(oidc.outputs).toMatchObject({ ConsoleUrl: 'https://console.example.com' });
    expect(oidc.outputs).toHaveProperty('ConsoleDomainTarget');
    expect(consoleResources(oidc, 'AWS::ApiGatewayV2::Api')[0]).toMatchObject({ DisableExecuteApiEndpoint: true });
    expect(consoleResources(oidc, 'AWS::ApiGatewayV2::DomainName')[0]).toMatchObject({
      DomainName: 'console.example.com',
      DomainNameConfigurations: [{ SecurityPolicy: 'TLS_1_2' }],
    });
    expect(consoleResources(oidc, 'AWS::ApiGatewayV2::ApiMapping')).toHaveLength(1);
    expect(consoleResources(cognito, 'AWS::ApiGatewayV2::Api')[0]).toMatchObject({ DisableExecuteApiEndpoint: false });
  });

  it('the document names all pipelines, and objects that the function may read', () => {
    const { pipelines } = consoleDocument.parse(oidc.document);
    expect(pipelines.map(({ name, reader }) => [name, reader])).toEqual([
      ['shop', 'fargate'],
      ['ledger', 'ec2'],
    ]);
    const readable = allowed(oidc, 's3:GetObject').map((arn) => arn.split('/').at(-1));
    expect(readable.sort()).toEqual(
      [oidc.environment?.['PENSTOCK_CONSOLE']?.split('/').at(-1), ...pipelines.map(({ settings }) => settings)].sort(),
    );
  });
});

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const listed = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value);

function statementsOf(console: SynthesisedConsole): Statement[] {
  return consoleResources(console, 'AWS::IAM::Role').flatMap(({ Policies = [] }) =>
    (Policies as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    ),
  );
}

function allowed(console: SynthesisedConsole, action: string): string[] {
  return statementsOf(console)
    .filter(({ Effect, Action }) => Effect === 'Allow' && listed(Action).includes(action))
    .flatMap(({ Resource }) => listed(Resource));
}

describe('the rights of the function', () => {
  it('name every action, and every resource but traces, executions and log streams', () => {
    for (const console of [cognito, oidc]) {
      const statements = statementsOf(console);
      expect(statements.length).toBeGreaterThan(5);
      for (const { Action } of statements) {
        for (const action of listed(Action)) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
      }
      const wild = statements.flatMap(({ Action, Resource }) =>
        listed(Resource).includes('*') ? [...listed(Action)] : [],
      );
      expect(wild.sort()).toEqual(['xray:PutTelemetryRecords', 'xray:PutTraceSegments']);
      const others = statements
        .flatMap(({ Resource }) => listed(Resource))
        .filter((resource) => resource !== '*' && resource.includes('*'))
        .filter(
          (resource) =>
            !/^arn:aws:states:[\w-]+:\d+:execution:penstock-[a-z-]+:\*$/.test(resource) &&
            !/^arn:aws:logs:[\w-]+:\d+:log-group:\/penstock\/[\w/-]+:\*$/.test(resource),
        );
      expect(others).toEqual([]);
    }
  });

  it('reach neither rows nor passwords, and write nothing of a pipeline’s catalog', () => {
    expect(allowed(oidc, 'secretsmanager:GetSecretValue')).toEqual([]);
    for (const object of allowed(oidc, 's3:GetObject')) expect(object).toMatch(/\/[0-9a-f]{64}\.json$/);
    const keysOf = (action: string): unknown =>
      statementsOf(oidc).find(({ Action }) => listed(Action).includes(action))?.Condition?.[
        'ForAllValues:StringEquals'
      ]?.['dynamodb:LeadingKeys'];
    expect(keysOf('dynamodb:Query')).toEqual(['shop', 'ledger', 'console#shop', 'console#ledger']);
    expect(keysOf('dynamodb:PutItem')).toEqual(['console#shop', 'console#ledger']);
    for (const action of [
      'dynamodb:DeleteItem',
      'dynamodb:UpdateItem',
      'dynamodb:Scan',
      's3:PutObject',
      'sns:Publish',
    ]) {
      expect(allowed(oidc, action)).toEqual([]);
    }
  });

  it('call functions and start machines that there are', () => {
    expect(FUNCTION_NAMES).toEqual(expect.arrayContaining([...ASKED_FUNCTIONS]));
    expect(allowed(cognito, 'lambda:InvokeFunction').sort()).toEqual(
      ASKED_FUNCTIONS.map(
        (name) => `arn:aws:lambda:eu-central-1:123456789012:function:penstock-billing-${name}`,
      ).sort(),
    );
    expect(allowed(oidc, 'states:StartExecution')).toHaveLength(12);
  });

  it('are all part of its role, which only Lambda takes', () => {
    expect(consoleResources(cognito, 'AWS::IAM::Policy')).toEqual([]);
    const roles = consoleResources(cognito, 'AWS::IAM::Role');
    expect(roles).toHaveLength(1);
    expect(roles[0]).not.toHaveProperty('ManagedPolicyArns');
    expect(JSON.stringify(roles[0]?.['AssumeRolePolicyDocument'])).toContain('lambda.amazonaws.com');
  });
});

describe('what stands around it', () => {
  it('the function is small, on ARM, traced, and in no VPC', () => {
    const [made] = consoleResources(cognito, 'AWS::Lambda::Function');
    expect(made).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout: 29,
      TracingConfig: { Mode: 'Active' },
    });
    expect(made).not.toHaveProperty('VpcConfig');
  });

  it('logs are encrypted and kept as long as the others', () => {
    const groups = consoleResources(cognito, 'AWS::Logs::LogGroup');
    expect(groups.map(({ LogGroupName }) => LogGroupName)).toEqual([
      '/penstock/console/Penstock-Test',
      '/aws/vendedlogs/penstock/console/Penstock-Test',
    ]);
    for (const group of groups)
      expect(group).toMatchObject({ RetentionInDays: 90, KmsKeyId: expect.anything() as unknown });
  });

  it('somebody is told where it fails', () => {
    const [alarm] = consoleResources(cognito, 'AWS::CloudWatch::Alarm');
    expect(alarm).toMatchObject({ Namespace: 'AWS/ApiGateway', MetricName: '5xx', TreatMissingData: 'notBreaching' });
    expect(alarm?.['AlarmActions']).toHaveLength(1);
  });

  it('without a console only the operators’ policy is there', () => {
    expect([...none.resources.values()].map(({ Type }) => Type)).toEqual(['AWS::IAM::ManagedPolicy']);
    expect(none.environment).toBeNull();
    expect(Object.keys(none.outputs)).toEqual(['OperatorPolicyArn']);
  });
});

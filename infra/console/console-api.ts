import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  ApiMapping,
  DomainName,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledge } from '../checks/acknowledge.ts';
import type { ConsoleSettings } from '../deployment/console-settings.ts';
import type { ConsoleIdentity } from './console-identity.ts';

/** Nobody asks without a token that the provider signed. */
const GUARDED = ['/api/{proxy+}', '/ingest/{proxy+}'];
/** The pages, which hold no data, and how to sign in. */
const OPEN = ['/', '/{proxy+}'];

/** Requests a second that each route takes, for all users together; a page polls every five seconds. */
const RATE = 50;
const BURST = 100;

/** The API's own name and, where there is one, the custom domain. */
export interface ConsoleAddress {
  readonly api: HttpApi;
  /** `https://…` without a slash at its end. */
  readonly url: string;
  readonly domain: DomainName | null;
}

/** Made before its routes: the sign-in must know the address, and the routes the sign-in. */
export function consoleAddress(
  scope: Construct,
  prefix: string,
  customDomain: ConsoleSettings['customDomain'],
): ConsoleAddress {
  const api = new HttpApi(scope, 'Api', {
    apiName: `${prefix} console`,
    description: 'The web console of Penstock',
    createDefaultStage: false,
    // Browsers are sent back to one address; a second one would only be a way past what guards the first.
    disableExecuteApiEndpoint: customDomain !== null,
  });
  if (customDomain === null) {
    const { region, urlSuffix } = Stack.of(scope);
    return { api, url: `https://${api.apiId}.execute-api.${region}.${urlSuffix}`, domain: null };
  }
  const domain = new DomainName(scope, 'Domain', {
    domainName: customDomain.name,
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', customDomain.certificateArn),
    securityPolicy: SecurityPolicy.TLS_1_2,
  });
  new CfnOutput(scope, 'ConsoleDomainTarget', {
    value: domain.regionalDomainName,
    description: `What the record (CNAME or alias) of ${customDomain.name} points to`,
  });
  return { api, url: `https://${customDomain.name}`, domain };
}

export interface ConsoleRoutesProps {
  readonly address: ConsoleAddress;
  readonly identity: ConsoleIdentity;
  readonly target: IFunction;
  readonly accessLog: ILogGroup;
}

/** Every route to the one function; what is not a page or the way to sign in is behind the authoriser. */
export function consoleRoutes(
  scope: Construct,
  { address, identity, target, accessLog }: ConsoleRoutesProps,
): HttpStage {
  const { api, domain } = address;
  const integration = new HttpLambdaIntegration('Function', target);
  const authorizer = new HttpJwtAuthorizer('Authorizer', identity.issuer, {
    authorizerName: 'tokens',
    jwtAudience: [...identity.audience],
  });
  for (const path of GUARDED) api.addRoutes({ path, methods: [HttpMethod.ANY], integration, authorizer });
  for (const path of OPEN) {
    const routes = api.addRoutes({
      path,
      methods: [HttpMethod.GET],
      integration,
      authorizer: new HttpNoneAuthorizer(),
    });
    for (const route of routes) {
      acknowledge(
        route,
        'AwsSolutions-APIG4',
        'The pages are for everybody who wants to sign in: they hold no data, and the function serves nothing else here.',
      );
    }
  }
  const stage = new HttpStage(scope, 'Stage', {
    httpApi: api,
    autoDeploy: true,
    throttle: { rateLimit: RATE, burstLimit: BURST },
    accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: ACCESS_LOG },
  });
  if (domain !== null) new ApiMapping(scope, 'Mapping', { api, domainName: domain, stage });
  return stage;
}

/** Who asked for what, and how it ended. The path only: a query may hold a code of the sign-in. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTimeEpoch',
    ip: '$context.identity.sourceIp',
    subject: '$context.authorizer.claims.sub',
    method: '$context.httpMethod',
    route: '$context.routeKey',
    path: '$context.path',
    status: '$context.status',
    bytes: '$context.responseLength',
    milliseconds: '$context.responseLatency',
    authorizer: '$context.authorizer.error',
    error: '$context.error.message',
    function: '$context.integrationErrorMessage',
  }),
);

import { defineDeployment } from '../deployment/deployment.ts';

/**
 * Survives the loss of a zone: three zones, a NAT gateway and endpoints in each, and a second reader that stands by. People sign in
 * to the console with the company's own provider, from the company's addresses, under a name of its own.
 */
export default defineDeployment({
  application: 'SingleStoreIngest',
  environment: 'Prod',
  owner: 'Data platform',
  costCentre: '4711',
  tags: { Confidentiality: 'high' },
  network: { tag: 'new', cidr: '10.30.0.0/20', availabilityZones: 3, nat: 'perZone', interfaceEndpoints: true },
  data: { extractRetentionDays: 30, logRetentionDays: 365 },
  alarmEmails: ['data-platform@example.com', 'on-call@example.com'],
  console: {
    signIn: {
      tag: 'oidc',
      issuer: 'https://login.example.com/tenant',
      clientId: 'penstock-console',
      scope: 'openid profile email offline_access',
      claim: 'roles',
      viewer: ['Penstock.Viewer'],
      operator: ['Penstock.Operator'],
    },
    allowList: ['198.51.100.0/24', '2001:db8:40::/48'],
    customDomain: {
      name: 'penstock.example.com',
      certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/11111111-2222-3333-4444-555555555555',
    },
  },
  pipelines: [
    {
      configuration: 'pipelines/shop.yaml',
      volume: 'under300GB',
      highAvailability: true,
      reachable: [
        { name: 'Source shop', cidr: '10.1.8.0/22', port: 3306 },
        { name: 'SingleStore', cidr: '203.0.113.16/28', port: 3306 },
      ],
    },
    {
      configuration: 'pipelines/ledger.yaml',
      volume: 'over1TB',
      highAvailability: true,
      reader: 'ec2',
      reachable: [
        { name: 'Source ledger', cidr: '10.1.12.0/24', port: 5432 },
        { name: 'SingleStore', cidr: '203.0.113.16/28', port: 3306 },
      ],
      thresholds: { lagSeconds: 300, logHeadroomGigabytes: 50 },
    },
  ],
});

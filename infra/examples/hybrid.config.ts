import { defineDeployment } from '../deployment/deployment.ts';

/**
 * Sources on premises, in a VPC that is there already and has a VPN or Direct Connect: three are read from AWS over that line,
 * the fourth by a reader on premises, which sends finished extracts to AWS; from AWS its source is only planned with and checked.
 */
export default defineDeployment({
  environment: 'Hybrid',
  owner: 'Data platform',
  costCentre: '4711',
  region: 'eu-central-1',
  network: {
    tag: 'existing',
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    dnsServers: ['192.168.0.53/32'],
  },
  data: {
    keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555',
    topicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call',
  },
  account: '111122223333',
  console: { allowList: ['203.0.113.64/26'] },
  pipelines: [
    {
      configuration: 'pipelines/stock.yaml',
      volume: 'under1TB',
      reachable: [
        { name: 'Source stock on premises', cidr: '192.168.10.0/24', port: 3306 },
        { name: 'SingleStore', cidr: '10.40.3.0/24', port: 3306 },
      ],
    },
    {
      configuration: 'pipelines/sales.yaml',
      reachable: [
        { name: 'Source sales on premises', cidr: '192.168.30.0/24', port: 1433 },
        { name: 'SingleStore', cidr: '10.40.3.0/24', port: 3306 },
      ],
    },
    {
      configuration: 'pipelines/claims.yaml',
      reachable: [
        { name: 'Source claims on premises', cidr: '192.168.40.0/24', port: 1521 },
        { name: 'Root of source claims', cidr: '192.168.41.0/24', port: 1522 },
        { name: 'SingleStore', cidr: '10.40.3.0/24', port: 3306 },
      ],
    },
    {
      configuration: 'pipelines/orders.yaml',
      reader: 'external',
      reachable: [
        { name: 'Source orders on premises', cidr: '192.168.20.0/24', port: 5432 },
        { name: 'SingleStore', cidr: '10.40.3.0/24', port: 3306 },
      ],
    },
  ],
});

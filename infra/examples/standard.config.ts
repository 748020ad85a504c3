import { defineDeployment } from '../deployment/deployment.ts';

/** One pipeline in a VPC of its own: RDS for PostgreSQL in a peered VPC, SingleStore behind PrivateLink in this one. */
export default defineDeployment({
  environment: 'Test',
  owner: 'Data platform',
  costCentre: '4711',
  network: { tag: 'new', cidr: '10.20.0.0/20', nat: 'one' },
  alarmEmails: ['data-platform@example.com'],
  pipelines: [
    {
      configuration: 'pipelines/billing.yaml',
      volume: 'under100GB',
      reachable: [
        { name: 'Source billing', cidr: '10.1.4.0/24', port: 5432 },
        { name: 'SingleStore endpoint', cidr: '10.20.0.0/20', port: 3306 },
      ],
    },
  ],
});

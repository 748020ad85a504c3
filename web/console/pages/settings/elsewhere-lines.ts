/** What is not set in this console, each in a line. */
export interface ElsewhereLine {
  readonly name: string;
  readonly text: string;
}

const LOCAL: readonly ElsewhereLine[] = [
  {
    name: 'AWS recovery',
    text: 'The folder of the instance holds its configuration, its catalog and its extracts. Keep a copy of it; an instance that is opened goes on where it was. It is not copied to S3 (`docs/local-host.md`).',
  },
  {
    name: 'S3 logging',
    text: 'Logs lie in the folder of the instance; the page Logs lets you download them. A log group of CloudWatch (AWS) can be exported to S3.',
  },
  {
    name: 'Metadata settings',
    text: 'There is no other database to set up: reports and the state of tables are in the catalog, a SQLite file. About says where it is and how large (`docs/local-host.md`).',
  },
];

const AWS: readonly ElsewhereLine[] = [
  {
    name: 'E-mail notification, SNS notifications',
    text: 'Alarms are published to an SNS topic of the deployment; those in `alarmEmails` of its settings are subscribed to it.',
  },
  {
    name: 'AWS credentials, AWS proxy',
    text: 'Each function and task has a role of its own: there are no keys to give. Private endpoints of the network take the place of a proxy.',
  },
  {
    name: 'AWS recovery',
    text: 'Catalog and extracts are in DynamoDB and S3, not on a machine: what ends is started again and goes on.',
  },
  {
    name: 'CloudWatch logs, CloudWatch metrics',
    text: 'Always on: events are lines of a log group, metrics are in the namespace `Penstock`.',
  },
  { name: 'S3 logging', text: 'A subscription filter of the log group sends logs anywhere.' },
  {
    name: 'Metadata settings',
    text: 'There is no database of metadata to set up: reports and the state of tables are in the catalog, a DynamoDB table.',
  },
];

const BOTH: readonly ElsewhereLine[] = [
  { name: 'Max. updates in batch', text: 'On the page Destination: `Max updates`.' },
];

export function elsewhereLines(host: 'local' | 'aws'): readonly ElsewhereLine[] {
  return [...(host === 'local' ? LOCAL : AWS), ...BOTH];
}

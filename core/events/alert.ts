import { pipelineOf, type PenstockEvent } from './event.ts';
import { WHAT_TO_DO } from './report-halt.ts';

/** A message to people, as SNS and mail send it. */
export interface Alert {
  /** At most 100 printable ASCII characters: what SNS takes, and mail programs show. */
  readonly subject: string;
  readonly body: string;
  /** The event as it is written to the log group, for subscribers that are programs. */
  readonly event: string;
  /** For the filters of subscriptions. */
  readonly attributes: { readonly pipeline: string; readonly type: AlertingType };
  /** An alert with the same one is the same message again. */
  readonly sameAs: string;
}

const LONGEST_SUBJECT = 100;

/** The message that an event is worth; null for those that are only recorded. */
export function alertOf(event: PenstockEvent): Alert | null {
  if (!isAlerting(event)) return null;
  const what = whatPeopleMustKnow(event);
  if (what === null) return null;
  const { type, generated } = event;
  const pipeline = pipelineOf(event);
  const lines = [what.message, '', ...(what.remedy === null ? [] : [`What to do: ${what.remedy}`, ''])];
  return {
    subject: plain(`Penstock ${pipeline}: ${what.title}`).slice(0, LONGEST_SUBJECT),
    body: [...lines, `Pipeline: ${pipeline}`, `Event:    ${type}`, `At:       ${generated}`, ''].join('\n'),
    event: JSON.stringify(event),
    attributes: { pipeline, type },
    sameAs: JSON.stringify([pipeline, type, what.title, what.sameAs]),
  };
}

interface Known {
  readonly title: string;
  readonly message: string;
  readonly remedy: string | null;
  /** What tells two messages of one title apart, besides the numbers that change all the time. */
  readonly sameAs: string;
}

/** The events that somebody may have to know of. */
export const ALERTING = [
  'HaltError',
  'TableStopped',
  'TableDiffers',
  'RowsQuarantined',
  'LogGrowing',
  'LogExpiring',
  'StillFailing',
  'OperationEnded',
  'HealthAlarm',
] as const;

export type AlertingType = (typeof ALERTING)[number];
type AlertingEvent = Extract<PenstockEvent, { readonly type: AlertingType }>;

function isAlerting(event: PenstockEvent): event is AlertingEvent {
  return ALERTING.some((type) => type === event.type);
}

function whatPeopleMustKnow(event: AlertingEvent): Known | null {
  switch (event.type) {
    case 'HaltError':
      return { title: `stopped by ${event.errorId}`, ...haltText(event.message), sameAs: event.message };
    case 'TableStopped':
      // Told each time: a table that was mended may stop for the same reason again.
      return { title: `table ${event.table} stopped (${event.errorCode})`, ...textOf(event), sameAs: event.generated };
    case 'TableDiffers': {
      const { table, state, differing, position } = event;
      if (state === 'cleared') {
        const message = `Source and destination were compared from ${position} on: ${table} is equal again.`;
        return { title: `table ${table} is equal again`, message, remedy: null, sameAs: position };
      }
      const message = `Source and destination were compared from ${position} on: at least ${differing} rows of ${table} differ.`;
      const remedy = 'Run `penstock verify`, which names the rows and columns, and with --repair fetches them again.';
      return { title: `table ${table} differs`, message, remedy, sameAs: position };
    }
    case 'RowsQuarantined': {
      const message = `${event.rows} rows of ${event.table} are set aside in the quarantine table. ${event.reason}`;
      const remedy = 'Correct the rows at the source, or the type of the column; then copy the table again.';
      return { title: `rows of ${event.table} in quarantine`, message, remedy, sameAs: event.reason };
    }
    case 'LogGrowing': {
      const room = event.headroomBytes === null ? '' : ` It may keep ${event.headroomBytes} more.`;
      const message = `The source keeps ${event.retainedBytes} bytes of log for this pipeline.${room}`;
      return { title: 'the log at the source grows', message, remedy: event.remedy, sameAs: '' };
    }
    case 'LogExpiring': {
      const message = `The source drops the log that is needed next at ${event.expiresAt}.`;
      return { title: 'the log at the source runs out', message, remedy: event.remedy, sameAs: '' };
    }
    case 'StillFailing': {
      const { attempt, errorCode, message } = event;
      const title = `still failing with ${errorCode}`;
      return { title, message: `${message}\nTried ${attempt} times; it goes on.`, remedy: null, sameAs: `${attempt}` };
    }
    case 'HealthAlarm': {
      const { alarm, message, generated, state } = event;
      // Which alarm was raised stands in the catalog: each is told when it begins and when it ends.
      const title = state === 'raised' ? `alarm ${alarm}` : `alarm ${alarm} is over`;
      return { title, message, remedy: state === 'raised' ? event.remedy : null, sameAs: `${alarm} ${generated}` };
    }
    case 'OperationEnded': {
      if (event.outcome === 'succeeded') return null;
      const { kind, operation, message } = event;
      const remedy = 'Mend what the message says, then start the operation again: it goes on from where it was.';
      return { title: `${kind} failed`, message: `${operation}: ${message}`, remedy, sameAs: operation };
    }
  }
}

/** A HaltError says in one text what went wrong and what to do. */
function haltText(text: string): Pick<Known, 'message' | 'remedy'> {
  const [message = text, remedy = null] = text.split(WHAT_TO_DO, 2);
  return { message, remedy };
}

function textOf({
  message,
  remedy,
}: {
  readonly message: string;
  readonly remedy: string;
}): Pick<Known, 'message' | 'remedy'> {
  return { message, remedy };
}

/** SNS refuses a subject with anything else. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

import type { Session } from '../connection.ts';
import { PacketStream } from './packet-stream.ts';

const COM_BINLOG_DUMP = 0x12;
const NON_BLOCKING = 0x01;

/** What a dump begins with. */
export interface DumpRequest {
  readonly serverId: number;
  readonly file: string;
  readonly position: number;
  /** False: the server ends the dump at the end of the log instead of waiting for more. */
  readonly isFollowing: boolean;
}

/** How often an idle server says where it stands, in nanoseconds. */
const HEARTBEAT_NANOSECONDS = 1_000_000_000;
/** MariaDB: sends GTID events instead of turning them into what an old replica knows (sql/sql_repl.cc, MARIA_SLAVE_CAPABILITY_GTID). */
const CAPABILITY_GTID = 4;

/**
 * Asks for the log from a place on (Client/Server protocol, COM_BINLOG_DUMP). The session is then the dump's alone.
 * A server that already has a reader of this server id ends the other one.
 */
export async function openDump(session: Session, request: DumpRequest): Promise<PacketStream> {
  await session.run(
    `SET @master_heartbeat_period = ${HEARTBEAT_NANOSECONDS}, @source_heartbeat_period = ${HEARTBEAT_NANOSECONDS}`,
  );
  // Without it the server would turn its checksums off, and damage on the way would not be seen.
  await session.run(
    'SET @master_binlog_checksum = @@global.binlog_checksum, @source_binlog_checksum = @@global.binlog_checksum',
  );
  if (session.isMariaDb) await session.run(`SET @mariadb_slave_capability = ${CAPABILITY_GTID}`);
  else
    await session.run(
      `SET @slave_uuid = '${readerUuid(request.serverId)}', @replica_uuid = '${readerUuid(request.serverId)}'`,
    );
  const packets = new PacketStream(session);
  packets.send(dumpCommand(request));
  return packets;
}

export function dumpCommand({ serverId, file, position, isFollowing }: DumpRequest): Buffer {
  const name = Buffer.from(file, 'utf8');
  const command = Buffer.alloc(11 + name.length);
  command[0] = COM_BINLOG_DUMP;
  command.writeUInt32LE(position, 1);
  command.writeUInt16LE(isFollowing ? 0 : NON_BLOCKING, 5);
  command.writeUInt32LE(serverId, 7);
  name.copy(command, 11);
  return command;
}

/** MySQL tells replicas apart by a UUID: the same for one reader at every start, so that a new one replaces the old. */
function readerUuid(serverId: number): string {
  return `70656e73-746f-636b-8000-${serverId.toString(16).padStart(12, '0')}`;
}

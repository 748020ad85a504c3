import type { TableVerdict } from '../../core/operations/verification/verdict.ts';
import type { Damage } from './damage.ts';
import type { Invariants, Servers } from './invariants.ts';
import type { OperatorOrder, OperatorRules, VerifyOrder } from './operator.ts';
import { TABLE_IDS } from './pipeline.ts';
import type { Wishes } from './programs.ts';
import { Random } from './random.ts';
import { spoilRows, SPOILS } from './spoil.ts';
import type { Supervisor } from './supervisor.ts';
import { VerifyInvariants } from './verify-invariants.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What a seed decides on for operators. */
export interface OperatorShape {
  /** Two at once: a start that was doubled. */
  readonly operators: number;
  readonly verifies: boolean;
  readonly rollsBack: boolean;
  /** Whether rows at the destination are spoiled. */
  readonly spoils: boolean;
  readonly manner: 'alone' | 'beside' | 'operation';
  readonly keepsLog: boolean;
}

/** Apart from all else that is drawn of a seed, so that other seeds stay as they are. */
const OPERATORS = 3_141_593;
/** Of all seeds. */
const SHARE = 0.15;

/** Null: nobody verifies or rolls back. `always`: in every seed. */
export function drawOperators(
  seed: number,
  isOneMachine: boolean,
  always: boolean,
): { shape: OperatorShape; random: Random } | null {
  const random = new Random(seed + OPERATORS);
  if (!random.chance(SHARE) && !always) return null;
  const rollsBack = random.chance(0.5);
  const manner = isOneMachine
    ? random.pick(['alone', 'beside'] as const)
    : random.pick(['beside', 'operation'] as const);
  const shape = {
    operators: manner !== 'operation' && random.chance(0.3) ? 2 : 1,
    verifies: !rollsBack || random.chance(0.4),
    rollsBack,
    spoils: random.chance(0.6),
    manner,
    keepsLog: rollsBack && random.chance(0.5),
  };
  return { shape, random };
}

export interface OperatingOptions {
  readonly shape: OperatorShape;
  readonly random: Random;
  readonly time: VirtualTime;
  readonly servers: Servers;
  readonly wishes: Wishes;
  readonly invariants: Invariants;
  readonly damage: Damage;
  readonly violation: (what: string) => void;
}

/** What is left to do once all has come to rest. */
type Stage = 'working' | 'verifying' | 'repairing' | 'rollingBack' | 'copying' | 'proving' | 'done';

/** The user who has tables verified, repaired and rolled back, and whoever spoils rows at the destination. */
export class Operating implements OperatorRules {
  readonly #options: OperatingOptions;
  readonly #rules: VerifyInvariants;
  #stage: Stage = 'working';
  #verdicts: readonly TableVerdict[] = [];
  #orders = 0;
  #isCalm = false;
  #isRolledBack = false;

  constructor(options: OperatingOptions) {
    this.#options = options;
    const { servers, damage, violation } = options;
    this.#rules = new VerifyInvariants(() => servers, damage, violation);
    servers.source.keepsLog = options.shape.keepsLog;
  }

  begin(supervisor: Supervisor): void {
    for (let count = 1; count <= this.#options.shape.operators; count++)
      supervisor.start('operator', `operator${count}`);
    this.#planOrder();
    if (this.#options.shape.spoils) this.#planSpoil();
  }

  calm(): void {
    this.#isCalm = true;
    this.#options.servers.destination.spoil = null;
  }

  /** Whether nobody was asked for anything that is not done. */
  get isIdle(): boolean {
    return this.#options.wishes.order === null && this.#options.servers.destination.ledger().replays.size === 0;
  }

  /**
   * Called while everything is at rest, again and again: has all tables verified, what differs made good, and all of it proved.
   * @returns true once that is done
   */
  isProved(): boolean {
    const { damage, random, shape, wishes } = this.#options;
    switch (this.#stage) {
      case 'working':
        if (shape.spoils && random.chance(0.7)) this.#spoil();
        this.#askVerify({ repair: false, isAtRest: true });
        this.#stage = 'verifying';
        return false;
      case 'verifying':
        if (damage.spoiledTables.length === 0) break;
        this.#askVerify({ repair: true, isAtRest: false });
        this.#stage = 'repairing';
        return false;
      case 'repairing': {
        const broken = this.#verdicts.filter(({ tag }) => tag !== 'equal').map(({ table }) => table);
        this.#checkRepaired(broken);
        if (shape.rollsBack && !this.#isRolledBack) {
          // What was repaired is rolled back over: it has to stay.
          this.#isRolledBack = true;
          wishes.ask(this.#rollbackOrder(null));
          this.#stage = 'rollingBack';
          return false;
        }
        if (broken.length > 0) wishes.askForCopy(broken);
        this.#stage = 'copying';
        return false;
      }
      case 'rollingBack':
        this.#askVerify({ repair: true, isAtRest: false });
        this.#stage = 'repairing';
        return false;
      case 'copying':
        this.#askVerify({ repair: false, isAtRest: true });
        this.#stage = 'proving';
        return false;
      case 'proving':
        for (const { table, tag } of this.#verdicts)
          if (tag !== 'equal') this.#options.violation(`${table} was made good, and is ${tag}`);
        break;
      case 'done':
        break;
    }
    this.#stage = 'done';
    return true;
  }

  atRest(): void {
    this.#rules.atRest();
    const { replays } = this.#options.servers.destination.ledger();
    for (const table of replays.keys()) this.#options.violation(`the rollback of ${table} has not ended`);
  }

  beginning(): bigint {
    return this.#rules.beginning(this.#options.time.epochMicroseconds);
  }

  verdict(verdict: TableVerdict, begun: bigint, isAtRest: boolean): void {
    this.#options.time.note(`verdict ${verdict.table} ${verdict.tag}`);
    this.#rules.verdict(verdict, begun, isAtRest);
  }

  verified(_order: VerifyOrder, verdicts: readonly TableVerdict[]): void {
    this.#verdicts = verdicts;
  }

  rolledBack(result: Parameters<OperatorRules['rolledBack']>[0], isDone: boolean): void {
    this.#options.time.note(`rolled back to ${result.from}: ${result.tables.length} tables`);
    if (!isDone) return;
    const { replays } = this.#options.servers.destination.ledger();
    for (const { table } of result.tables)
      if (replays.has(table)) this.#options.violation(`${table} is said to be rolled back, and is not`);
  }

  /** Rows by key are repaired; tables without a key and versions that overlap are copied anew. */
  #checkRepaired(broken: readonly string[]): void {
    const { damage, servers, violation } = this.#options;
    for (const table of broken) {
      const rows = servers.destination.tables.get(table)?.rows;
      if (rows?.tag !== 'row' && damage.standing(table).size > 0)
        violation(`${table} was repaired, and ${damage.standing(table).size} rows differ`);
    }
  }

  #askVerify({ repair, isAtRest }: Pick<VerifyOrder, 'repair' | 'isAtRest'>): void {
    const askedAt = this.#options.time.epochMicroseconds;
    this.#options.wishes.ask({ tag: 'verify', tables: null, repair, askedAt, isAtRest });
  }

  #planOrder(): void {
    const { random, time, wishes } = this.#options;
    time.after(random.between(1_000, 8_000), 'operators are asked', () => {
      if (this.#isCalm) return;
      if (wishes.order === null) wishes.ask(this.#drawOrder());
      this.#planOrder();
    });
  }

  #drawOrder(): OperatorOrder {
    const { random, shape, time } = this.#options;
    const tables = random.chance(0.6) ? null : [random.pick(TABLE_IDS) ?? ''];
    if (shape.rollsBack && (!shape.verifies || random.chance(0.5))) {
      return this.#rollbackOrder(tables);
    }
    const repair = random.chance(0.6);
    return { tag: 'verify', tables, repair, askedAt: time.epochMicroseconds, isAtRest: false };
  }

  #rollbackOrder(tables: readonly string[] | null): OperatorOrder {
    const { random, shape } = this.#options;
    const operation = `rollback-${++this.#orders}`;
    const depth = random.between(0, 12);
    return { tag: 'rollback', tables, depth, manner: shape.manner, operation, to: null, attempts: 0 };
  }

  #planSpoil(): void {
    const { random, time } = this.#options;
    time.after(random.between(2_000, 12_000), 'rows are spoiled', () => {
      if (this.#isCalm) return;
      if (random.chance(0.3)) this.#spoilLines();
      else this.#spoil();
      this.#planSpoil();
    });
  }

  #spoil(): void {
    const { invariants, random, servers } = this.#options;
    const id = random.pick(TABLE_IDS.filter((table) => invariants.isFollowing(table)));
    const stored = id === undefined ? undefined : servers.destination.tables.get(id);
    if (id === undefined || stored === undefined) return;
    if (spoilRows(stored, random.pick(SPOILS), random)) this.#spoiled(id);
  }

  /** The next lines for a table lose one of them. */
  #spoilLines(): void {
    const { damage, random, servers } = this.#options;
    const id = random.pick(TABLE_IDS);
    servers.destination.spoil = (table, lines) => {
      if (table !== id || lines.length === 0) return lines;
      servers.destination.spoil = null;
      damage.spoil(table);
      this.#rules.spoiled(table);
      const lost = random.between(0, lines.length - 1);
      return lines.filter((_, index) => index !== lost);
    };
  }

  #spoiled(id: string): void {
    this.#options.time.note(`${id} was spoiled`);
    this.#rules.spoiled(id);
    this.#options.invariants.spoiled(id);
  }
}

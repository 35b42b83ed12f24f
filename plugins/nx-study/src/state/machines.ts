import { createHash } from 'node:crypto';
import { canonicalJson } from '../base/canonical.ts';
import { groupBy } from '../base/group-by.ts';
import { isJsonObject } from '../base/json.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import type { Row } from './rows.ts';

type Machined = Pick<Row, 'stored'>;

/** The name of the machine of a row's last attempt; null where there is no attempt. */
export type MachineOf = (row: Machined) => string | null;

/**
 * Names for the machines of some measurements: the name of the host, with 6 hex digits where several machines have that name.
 * They are told apart by what their systems keep of their own; where a system keeps nothing, by their kind, and by boots that
 * went on at the same time, which are of no single machine. What was recorded before machines were told apart
 * belongs to the machine of its boot, else to the only one of its name and kind.
 */
export function machineNames(rows: readonly Machined[]): MachineOf {
  const records = rows.flatMap(({ stored }) => stored?.record ?? []);
  const names = new Map<MeasurementRecord, string>();
  for (const [host, own] of groupBy(records, ({ supervisor }) => supervisor.host)) {
    const machines = machinesAmong(own);
    for (const [key, of] of machines)
      for (const record of of) names.set(record, machines.size > 1 ? `${host} (${digitsOf(key)})` : host);
  }
  return ({ stored }) => (stored === null ? null : names.get(stored.record)!);
}

/** The name of the host that measured a row; null where none did. Several machines may have it. */
export const hostOf = ({ stored }: Machined): string | null => stored?.record.supervisor.host ?? null;

/** The facts by which one machine measures differently from another, as in `platform: host`. */
const KIND = ['cpu', 'cores', 'memory_class_gib', 'arch', 'system', 'accelerators'] as const;

/** Equal for machines of one kind. */
export const kindOfMachine = ({ machine }: Pick<MeasurementRecord, 'machine'>): string =>
  canonicalJson(KIND.map((fact) => machine[fact] ?? null));

/** The kind without what an update changes. */
function hardwareOf({ machine }: Pick<MeasurementRecord, 'machine'>): string {
  const { accelerators } = machine;
  const models = Array.isArray(accelerators)
    ? accelerators.map((one) => (isJsonObject(one) ? (one['model'] ?? null) : null))
    : null;
  return kindOfMachine({ machine: { ...machine, accelerators: models } });
}

/** The records of one host name, by machine. */
function machinesAmong(records: readonly MeasurementRecord[]): Map<string, MeasurementRecord[]> {
  const keyOf = machineKeys(records);
  const machines = new Map<string, MeasurementRecord[]>();
  for (const [key, own] of groupBy(records, keyOf)) {
    const boots = groupBy(own, ({ supervisor }) => supervisor.boot);
    // An id is believed more than a clock, which may be wrong until some time after a boot.
    if (ID.test(key) || !wereTogether([...boots.values()])) machines.set(key, own);
    else for (const [boot, of] of boots) machines.set(`${key} ${boot}`, of);
  }
  return machines;
}

/** What tells the machines of one host name apart, for each of its records. */
function machineKeys(records: readonly MeasurementRecord[]): (record: MeasurementRecord) => string {
  const withId = records.filter(({ supervisor }) => supervisor.machine !== undefined);
  if (withId.length === records.length) return ({ supervisor }) => supervisor.machine!;
  const bootOf = ({ supervisor }: MeasurementRecord) => supervisor.boot;
  const [byBoot, byHardware] = [groupBy(withId, bootOf), groupBy(withId, hardwareOf)];
  return (record) => {
    const hardware = hardwareOf(record);
    const known = record.supervisor.machine ?? onlyId(byBoot.get(bootOf(record)) ?? []);
    return known ?? onlyId(byHardware.get(hardware) ?? []) ?? hardware;
  };
}

/** The id that all of these have; null where they have several, or there are none. */
function onlyId(records: readonly MeasurementRecord[]): string | null {
  const ids = new Set(records.map(({ supervisor }) => supervisor.machine!));
  return ids.size === 1 ? [...ids][0]! : null;
}

// Chosen: a clock may be corrected after a boot.
const TOGETHER_MS = 60_000;

/** Whether two of these boots went on at the same time. */
function wereTogether(boots: readonly (readonly MeasurementRecord[])[]): boolean {
  const spans = boots
    .map((records) => ({
      begin: Math.min(...records.map(({ started_at }) => Date.parse(started_at))),
      end: Math.max(...records.map(({ started_at, ended_at }) => Date.parse(ended_at ?? started_at))),
    }))
    .toSorted((one, other) => one.begin - other.begin);
  let latest = -Infinity;
  for (const { begin, end } of spans) {
    if (latest - begin > TOGETHER_MS) return true;
    latest = Math.max(latest, end);
  }
  return false;
}

const ID = /^[0-9a-f]{12}$/;

const digitsOf = (key: string): string =>
  (ID.test(key) ? key : createHash('sha256').update(key).digest('hex')).slice(0, 6);

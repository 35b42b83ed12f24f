import { RECORD_VERSION } from '../../record/schema.ts';
import type { CoolDown, Identity, MeasurementRecord, MemoryComparison } from '../../record/schema.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { JsonObject } from '../../base/json.ts';
import type { MachineDescription } from '../../machine/description/describe.ts';
import type { Worker } from '../../worker/manifest.ts';
import type { Batch } from '../batch/batch.ts';
import type { PreparedEnvironment } from '../../environment/prepared.ts';

interface Start {
  batch: Batch;
  task: MeasureTask;
  worker: Worker;
  identity: Identity;
  /** null when it could not be prepared. */
  environment: PreparedEnvironment | null;
  cpus: number;
  attempt: number;
  coolDown: CoolDown;
  machine: MachineDescription;
  platform?: MeasurementRecord['platform'];
  sleepInhibition?: MeasurementRecord['sleep_inhibition'];
  memory?: MemoryComparison | null;
  model?: MeasurementRecord['model'];
  findings?: MeasurementRecord['findings'];
}

/** The record of a measurement that is about to start. */
export function startedRecord({
  batch,
  task,
  worker,
  identity,
  environment,
  cpus,
  attempt,
  coolDown,
  machine,
  platform = null,
  sleepInhibition = null,
  memory = null,
  model = null,
  findings = [],
}: Start): MeasurementRecord {
  return {
    record: RECORD_VERSION,
    ...subjectOf(task, worker, identity),
    outcome: 'running',
    expected: task.expect,
    failure: null,
    attempt,
    started_at: new Date().toISOString(),
    ended_at: null,
    elapsed_s: null,
    suspended_s: null,
    supervision_cpu_s: null,
    phases: [],
    cool_down: coolDown,
    watch: null,
    telemetry: null,
    allowance: { cpus, memory_bytes: task.execution.memory_limit_bytes },
    memory,
    model,
    interpreter: environment?.interpreter ?? null,
    environment_versions: environment?.versions ?? {},
    machine: machine as unknown as JsonObject,
    platform,
    sleep_inhibition: sleepInhibition,
    git: batch.git,
    supervisor: batch.supervisor,
    findings,
    files: [],
    reused_from: null,
    accepted: null,
    retry_requested_at: null,
    larger_than: null,
    checksum: null,
  };
}

/** What is measured. */
function subjectOf(task: MeasureTask, worker: Worker, identity: Identity) {
  const { study, id, experiment, label, repetition, seed, take, digest, configuration, varied } = task;
  return {
    study,
    id,
    experiment,
    label,
    worker: worker.name,
    kind: worker.manifest.kind,
    repetition,
    seed,
    take,
    digest,
    identity,
    configuration,
    varied,
  };
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { canonicalJson, sha256 } from '../../../../plugins/nx-study/src/base/canonical.ts';
import type { JsonObject } from '../../../../plugins/nx-study/src/base/json.ts';
import type { Experiment, Measurement, Plan } from '../../../../plugins/nx-study/src/plan/types.ts';
import { DIGEST_DIGITS, failedDirectory, measurementDirectory } from '../../../../plugins/nx-study/src/record/paths.ts';
import { readStudy } from '../../../../plugins/nx-study/src/record/read.ts';
import { writeDerived, writeRecord } from '../../../../plugins/nx-study/src/record/durable.ts';
import { sourceOf } from '../../../../plugins/nx-study/src/record/examine.ts';
import { derivedSchema, recordSchema } from '../../../../plugins/nx-study/src/record/schema.ts';
import type { Failure, Identity, MeasurementRecord } from '../../../../plugins/nx-study/src/record/schema.ts';
import { painter } from '../../../../plugins/nx-study/src/base/layout.ts';
import { markdownReport, terminalReport } from '../../../../plugins/nx-study/src/commands/report/layout.ts';
import { reportOf } from '../../../../plugins/nx-study/src/commands/report/report.ts';
import type { Results } from '../../../../plugins/nx-study/src/state/rows.ts';
import { resultsOf } from '../../../../plugins/nx-study/src/state/rows.ts';
import { derivedOf, diagnostics, payload, resultOf } from '../../kinds/evidence.ts';
import { standingsOf } from '../../../../plugins/nx-study/src/state/of-study.ts';
import { aTask } from '../../measure/task.ts';
import { plainExecution } from '../../../helpers/execution.ts';

export const STUDY = 'senate-beta-prior';

/** A plan of labelled experiments; each label may bring its own settings. */
export function planOf(
  labels: Record<string, Partial<Experiment>>,
  repetitions = 1,
  changes: Partial<Plan> = {},
): Plan {
  const experiments = Object.entries(labels).map(([label, settings]) => experimentOf(label, settings));
  const measurements = Array.from({ length: repetitions }, (_, cycle) =>
    experiments.map(({ id }): Omit<Measurement, 'index'> => ({
      id: cycle === 0 ? id : `${id}-r${cycle + 1}`,
      experiment: id,
      repetition: cycle + 1,
      seed: 4000 + cycle,
      cycle: cycle + 1,
      lane: 1,
    })),
  ).flat();
  return {
    study: STUDY,
    description: 'Does a positive discrimination prior change senators’ ideal points?',
    platform: 'any',
    cpus: 2,
    seed: 1,
    repeat: { times: repetitions, order: 'interleaved', seed: 1 },
    measurements: measurements.map((measurement, index) => Object.assign(measurement, { index })),
    experiments,
    skipped: [],
    excluded: 0,
    merged: [],
    axes: [],
    balance: null,
    lane_balance: null,
    execution: plainExecution,
    gates: {},
    baseline: [],
    relevant: {},
    slo: {},
    price: null,
    peak: null,
    ...changes,
  };
}

function experimentOf(label: string, settings: Partial<Experiment>): Experiment {
  const configuration = { draws: 1000, beta_prior: { distribution: label } };
  return {
    id: `${label}-1a2b3c4d`,
    label,
    worker: 'ideal-point',
    written: configuration,
    configuration,
    dataFiles: [],
    pythonFiles: [],
    assets: [],
    varied: { 'beta-prior': label },
    expect: null,
    ...settings,
  };
}

/** An attempt to be written; what is left out is as in an ordinary, good measurement. */
export interface Attempt {
  id: string;
  code?: string;
  take?: number;
  /** Settings as the identity has them, such as the hash of a file. */
  input?: JsonObject;
  record?: Partial<MeasurementRecord>;
  kind?: string;
  payload?: object;
  derived?: JsonObject | null;
  failure?: Partial<Failure>;
  /** The folder's name, instead of the one that belongs to the outcome. */
  folder?: string;
}

/** A workspace in a temporary folder, with records on its disk. */
export async function workspaceOf(plan: Plan) {
  const workspaceRoot = await mkdtemp(join(tmpdir(), 'nx-study-report-'));
  onTestFinished(() => rm(workspaceRoot, { recursive: true, force: true }));
  const digests = new Map<string, string>();
  for (const { id } of plan.measurements) digests.set(id, await digestOf(identityOf(plan, { id })));

  const tasksNow = () =>
    plan.measurements.map(({ id, repetition, seed }) => {
      const { experiment } = measurementOf(plan, id);
      const { label, worker, configuration, varied, expect } = experiment;
      const known = { study: plan.study, id, experiment: experiment.id, label, worker, configuration, varied, expect };
      return { task: aTask({ ...known, repetition, seed, digest: digests.get(id)! }), identity: null };
    });
  const input = async () => {
    const attempts = await readStudy(workspaceRoot, plan.study, { withResults: true });
    const deriving = new Map<string, string | null>();
    const supervisorOf = ({ pid }: { pid: number }) => (pid === process.pid ? ('alive' as const) : ('gone' as const));
    const standings = await standingsOf({ workspaceRoot, tasks: tasksNow(), attempts, deriving, supervisorOf });
    return { plan, ...attempts, standings, currentDeriving: deriving };
  };
  return {
    workspaceRoot,
    digests,
    write: (attempt: Attempt) => writeAttempt(workspaceRoot, plan, attempt),
    /** Digest of a measurement under another code or take. */
    digest: (attempt: Attempt) => digestOf(identityOf(plan, attempt)),
    results: async () => resultsOf(await input()),
    render: async (columns: number, color = false) =>
      rendered({ results: resultsOf(await input()), workspaceRoot, columns, color }),
    markdown: async (chosen: string[] | null = null) =>
      markdownReport(reportOf({ results: resultsOf(await input()), workspaceRoot, chosen, paint: painter(false) })),
  };
}

interface Rendered {
  results: Results;
  workspaceRoot: string;
  columns: number;
  color?: boolean;
  chosen?: readonly string[] | null;
}

/** A report as a terminal shows it. */
export const rendered = ({ results, workspaceRoot, columns, color = false, chosen = null }: Rendered): string =>
  terminalReport(reportOf({ results, workspaceRoot, chosen, paint: painter(color) }), columns, color);

async function writeAttempt(workspaceRoot: string, plan: Plan, attempt: Attempt): Promise<string> {
  const { id, failure, record: changes = {}, kind = 'posterior' } = attempt;
  const identity = identityOf(plan, attempt);
  const digest = await digestOf(identity);
  const { experiment, repetition, seed } = measurementOf(plan, id);
  const record = recordSchema.parse({
    record: 2,
    study: plan.study,
    id,
    experiment: experiment.id,
    label: experiment.label,
    worker: experiment.worker,
    kind,
    repetition,
    seed,
    take: identity.take,
    digest,
    identity,
    configuration: experiment.configuration,
    varied: experiment.varied,
    outcome: failure ? 'failed' : 'measured',
    expected: experiment.expect,
    failure: failure ? { ...crash, ...failure } : null,
    attempt: 1,
    started_at: '2026-03-01T10:00:00Z',
    ended_at: '2026-03-01T10:00:36Z',
    elapsed_s: 36.25,
    phases: [],
    cool_down: { waited_s: 0, reason: 'no gap' },
    allowance: { cpus: 2 },
    interpreter: null,
    machine: { cpu: 'Example CPU 3000', hostname: 'bench' },
    git: { commit: 'c0ffee', dirty: false, reason: null },
    supervisor: { host: 'bench', pid: 1, boot: 'b', start_time: null, machine: '0123456789ab' },
    findings: [],
    files: [],
    reused_from: null,
    ...changes,
  });
  const slot = { workspaceRoot, study: plan.study, id };
  const place = failure
    ? join(failedDirectory(slot), attempt.folder ?? '001')
    : join(
        measurementDirectory({ workspaceRoot, study: plan.study, id }),
        attempt.folder ?? digest.slice(0, DIGEST_DIGITS),
      );
  await mkdir(place, { recursive: true });
  if (record.outcome !== 'measured') {
    await writeRecord(place, record);
    return place;
  }
  const result = JSON.stringify(resultOf(kind, attempt.payload ?? payload));
  await writeFile(join(place, 'result.json'), result);
  const named = {
    path: 'result.json',
    sha256: (await sha256())(result),
    bytes: Buffer.byteLength(result),
    local: false,
  };
  const files = [named, ...record.files];
  await writeRecord(place, { ...record, files });
  if (attempt.derived !== null && kind === 'posterior')
    await writeDerived(place, {
      ...derivedSchema.parse(derivedOf(attempt.derived ?? diagnostics)),
      source: await sourceOf({ files }),
    });
  return place;
}

const crash: Failure = {
  type: 'crash',
  phase: 'sampling',
  message: 'exit code 3 in phase "sampling"',
  traceback: null,
  log_tail: '',
  exit_code: 3,
  signal: null,
};

function measurementOf(plan: Plan, id: string) {
  const measurement = plan.measurements.find((one) => one.id === id);
  const experiment = plan.experiments.find((one) => one.id === measurement?.experiment) ?? plan.experiments[0]!;
  return { experiment, repetition: measurement?.repetition ?? 1, seed: measurement?.seed ?? 1 };
}

function identityOf(plan: Plan, { id, code = 'code', take = 1, input }: Attempt): Identity {
  const { experiment, repetition, seed } = measurementOf(plan, id);
  return {
    protocol: 1,
    worker: experiment.worker,
    configuration: input ?? { ...experiment.configuration, id },
    code,
    environment: null,
    platform: null,
    cpus: plan.cpus,
    env: {},
    repetition,
    seed,
    take,
  };
}

const digestOf = async (identity: Identity) => (await sha256())(canonicalJson(identity));

/** Diagnostics with another R-hat. */
export const withRhat = (rhat_max: number | null): JsonObject => ({
  ...diagnostics,
  variables: { ...diagnostics.variables, beta: { ...diagnostics.variables.beta, rhat_max } },
});

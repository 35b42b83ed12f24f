import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { canonicalJson, sha256 } from '../../../plugins/nx-study/src/base/canonical.ts';
import { studyProjects } from '../../../plugins/nx-study/src/graph/nodes.ts';
import type { MeasureTask } from '../../../plugins/nx-study/src/graph/task.ts';
import { derivingHashes, identifiedTasks } from '../../../plugins/nx-study/src/graph/tasks.ts';
import { outerFailure } from '../../../plugins/nx-study/src/state/failures.ts';
import { processIdentity } from '../../../plugins/nx-study/src/machine/process.ts';
import { previewStudy } from '../../../plugins/nx-study/src/commands/plan/preview.ts';
import { partialDirectory } from '../../../plugins/nx-study/src/record/attempts.ts';
import { writeDerived, writeRecord } from '../../../plugins/nx-study/src/record/durable.ts';
import { sourceOf } from '../../../plugins/nx-study/src/record/examine.ts';
import { writeJournal } from '../../../plugins/nx-study/src/record/journal.ts';
import { failedDirectory, finishedDirectory } from '../../../plugins/nx-study/src/record/paths.ts';
import { derivedSchema, recordSchema } from '../../../plugins/nx-study/src/record/schema.ts';
import type {
  FailureType,
  Identity,
  MeasurementRecord,
  Supervisor,
} from '../../../plugins/nx-study/src/record/schema.ts';
import { openWholeMemory } from '../../../plugins/nx-study/src/record/whole-memory.ts';
import { gather } from '../../../plugins/nx-study/src/state/gather.ts';
import { rendered } from '../commands/report/workspace.ts';
import { emptyHistory, note } from '../../../plugins/nx-study/src/commands/status/history.ts';
import { followJournal } from '../../../plugins/nx-study/src/record/journal-reader.ts';
import { journalFile } from '../../../plugins/nx-study/src/record/journal.ts';
import { plannedOf } from '../../../plugins/nx-study/src/commands/status/plan.ts';
import { openStatus } from '../../../plugins/nx-study/src/commands/status/read.ts';
import { takeSurvey } from '../../../plugins/nx-study/src/commands/status/survey.ts';
import { loadStudy } from '../../../plugins/nx-study/src/study/load.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { resultsOf } from '../../../plugins/nx-study/src/state/rows.ts';
import { csvLines } from '../tables/csv.ts';
import { isLocal } from '../../../plugins/nx-study/src/worker/files.ts';

export const STUDY = 'sizes';

const worker = {
  protocol: 1,
  kind: 'values',
  description: 'Says a number',
  commands: { measure: ['sh', 'measure.sh'], derive: ['sh', 'derive.sh'] },
  environment: { type: 'system' },
  config: 'config.schema.json',
  measuring: ['measure.sh'],
  deriving: ['derive.sh'],
};
const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  properties: { size: { type: 'integer', default: 1, maximum: 1000 } },
};

/** Where one measurement stands, in the words of each view; and what they say of it. */
export interface Views {
  report: string;
  csv: string;
  plan: string;
  status: string;
}

interface Circumstances {
  /** Of these the study expects that they fail. */
  expect?: readonly number[];
  /** The worker's check refuses these. */
  unusable?: readonly number[];
  /** As many CPUs the study demands. */
  cpus?: number | null;
}

/** A workspace with a real study of one measurement for each size, whose results a test writes. */
export async function studyOf(sizes: number[], { expect = [], unusable = [], cpus = null }: Circumstances = {}) {
  const root = await mkdtemp(join(tmpdir(), 'nx-study-record-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const study = {
    worker: 'tiny',
    invalid: 'skip',
    sweep: { size: sizes },
    ...(expect.length > 0 && { expect: { failed: expect.map((size) => ({ size })) } }),
    ...(cpus !== null && { cpus }),
  };
  const check = { command: ['sh', '{worker}/check.sh'], settings: ['size'] };
  const files = {
    'workers/tiny/worker.json': JSON.stringify(unusable.length > 0 ? { ...worker, check } : worker),
    'workers/tiny/check.sh': refusing(unusable),
    'workers/tiny/config.schema.json': JSON.stringify(schema),
    'workers/tiny/measure.sh': 'exit 0\n',
    'workers/tiny/derive.sh': 'exit 0\n',
    [`studies/${STUDY}/study.yaml`]: JSON.stringify(study),
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  const workers = await readWorkers(root);
  const { plan } = await loadStudy({ workspaceRoot: root, file: `studies/${STUDY}/study.yaml`, workers });
  const identified = await identifiedTasks(root, plan, workers);
  const tasks = identified.map(({ task }) => task);
  const of = (size: number) => identified.find(({ task }) => task.configuration['size'] === size)!;
  const slotOf = (size: number) => ({ workspaceRoot: root, ...of(size).task });
  const planned = () => {
    const projects = Object.values(
      studyProjects({
        workspaceRoot: root,
        folder: `studies/${STUDY}`,
        plan,
        tasks,
        workers,
        unplanned: new Set(),
        measured: new Map(),
        filesOf: (path) => [path],
        modulesIn: () => [],
      }),
    );
    const named = Object.fromEntries(projects.map((project) => [project.name!, project]));
    return plannedOf({ projectsConfigurations: { version: 2, projects: named }, root }, STUDY);
  };
  const directoryOf = (size: number) => finishedDirectory(slotOf(size), of(size).task.digest);
  const journal = (entry: Parameters<typeof writeJournal>[2]) => writeJournal(root, STUDY, entry);

  const rowsOf = async () => {
    const gathered = await gather(root, STUDY);
    const results = resultsOf(gathered);
    const report = { results, text: rendered({ results, workspaceRoot: root, columns: 240 }) };
    const { preview } = await previewStudy(root, plan, workers);
    const history = emptyHistory();
    for (const entry of followJournal(journalFile(root, STUDY)).read().entries) note(history, entry);
    const whole = await openWholeMemory(root);
    const options = { workspaceRoot: root, study: STUDY, whole, lately: new Map<string, number>() };
    const survey = await takeSurvey(options, planned(), history, Date.now());
    return { report, csv: csvLines(results), preview, survey };
  };

  return {
    root,
    tasks,
    workers,
    /** Hash of the worker's deriving code. */
    deriving: (await derivingHashes(root, plan, workers)).get('tiny')!,
    of,
    directoryOf,
    journal,
    rowsOf,
    look: () => openStatus(root, STUDY, planned()).look(),
    /** Writes a finished measurement with a number, a side file and diagnostics; returns its folder. */
    async measured(size: number, changes: Partial<MeasurementRecord> = {}, derivedBy = 'earlier') {
      const directory = directoryOf(size);
      await writeMeasured(directory, of(size), changes, derivedBy);
      const { id, digest } = of(size).task;
      await journal({ id, event: 'measured', digest, elapsed_s: 1 });
      return directory;
    },
    /** One that was measured when its code was another one. */
    async stale(size: number, changes: Partial<MeasurementRecord> = {}) {
      const { task, identity } = of(size);
      const earlier = { ...identity, code: 'earlier' };
      const digest = (await sha256())(canonicalJson(earlier));
      const directory = finishedDirectory(slotOf(size), digest);
      await writeMeasured(directory, { task: { ...task, digest }, identity: earlier }, changes);
    },
    async failed(size: number, type: FailureType, changes: Partial<MeasurementRecord> = {}) {
      const { task, identity } = of(size);
      const failure = outerFailure(type, `it was ${type}`);
      const record = recordOf(task, identity, { outcome: 'failed', failure, ...changes });
      const parent = failedDirectory(slotOf(size));
      const number = existsSync(parent) ? readdirSync(parent).length + 1 : 1;
      const directory = join(parent, String(number).padStart(3, '0'));
      await mkdir(directory, { recursive: true });
      await writeRecord(directory, record);
      const event = type === 'interrupted' || type === 'too-large' ? type : 'failed';
      const { id, digest } = task;
      const entry = { type, phase: null, detail: failure.message, memory_limit_bytes: null };
      await journal({ id, event, digest, ...entry });
      if (record.retry_requested_at !== null) await journal({ id, event: 'retry-requested', digest });
      return directory;
    },
    /** A run directory whose supervisor lives, or was killed. */
    async begun(size: number, isAlive: boolean, changes: Partial<MeasurementRecord> = {}) {
      const { task, identity } = of(size);
      const { startTime, bootId, pid } = (await processIdentity())!;
      const supervisor: Supervisor = { host: hostname(), pid, boot: bootId, start_time: isAlive ? startTime : '0' };
      const directory = partialDirectory(slotOf(size), bootId);
      await mkdir(directory, { recursive: true });
      await writeRecord(directory, recordOf(task, identity, { outcome: 'running', supervisor, ...changes }));
      await journal({ id: task.id, event: 'started', digest: task.digest });
    },
    /** Size → its state in each view. */
    async views(): Promise<Record<number, Views>> {
      const { report, csv, preview, survey } = await rowsOf();
      const views = tasks.map(({ id, configuration }): [number, Views] => {
        const line = report.text.split('\n').find((text) => text.startsWith(id))!;
        return [
          configuration['size'] as number,
          {
            report: line.slice(id.length).trim().split(/\s+/)[1]!.replace(/:$/, ''),
            csv: csv.find((row) => row['id'] === id)!['state']!,
            plan: preview.rows.find((row) => row.id === id)!.state,
            status: survey.rows.find((row) => row.planned.id === id)!.standing.state,
          },
        ];
      });
      return Object.fromEntries(views);
    },
  };
}

/** A check whose answer has a problem for some sizes. */
const refusing = (sizes: readonly number[]): string =>
  [
    'read -r question',
    'case $question in',
    ...sizes.map(
      (size) => `*'"size":${size}}'*) echo '{"problems":[{"path":"size","message":"size ${size} is cut off"}]}' ;;`,
    ),
    `*) echo '{"problems":[]}' ;;`,
    'esac',
    '',
  ].join('\n');

async function writeMeasured(
  directory: string,
  { task, identity }: { task: MeasureTask; identity: Identity },
  changes: Partial<MeasurementRecord> = {},
  derivedBy = 'earlier',
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const hash = await sha256();
  const files: MeasurementRecord['files'] = [];
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
    files.push({ path, sha256: hash(text), bytes: text.length, local: isLocal(path) });
  };
  const payload = { count: task.configuration['size'] };
  await write('result.json', JSON.stringify({ protocol: 1, kind: 'values', payload }));
  await write('files/steps.txt', 'one\ntwo\n');
  await write('draws.bin', 'draws');
  await writeRecord(directory, recordOf(task, identity, { files, ...changes }));
  await writeDerived(
    directory,
    derivedSchema.parse({
      deriving: derivedBy,
      derived_at: '2026-03-01T10:00:40Z',
      outcome: 'derived',
      payload: {},
      message: null,
      source: await sourceOf({ files }),
    }),
  );
}

export const recordOf = (
  task: MeasureTask,
  identity: Identity,
  changes: Partial<MeasurementRecord>,
): MeasurementRecord =>
  recordSchema.parse({
    record: 2,
    study: task.study,
    id: task.id,
    experiment: task.experiment,
    label: task.label,
    worker: task.worker,
    kind: 'values',
    repetition: task.repetition,
    seed: task.seed,
    take: task.take,
    digest: task.digest,
    identity,
    configuration: task.configuration,
    varied: task.varied,
    outcome: 'measured',
    expected: task.expect,
    failure: null,
    attempt: 1,
    started_at: '2026-03-01T10:00:00Z',
    ended_at: '2026-03-01T10:00:36Z',
    elapsed_s: 1,
    phases: [],
    cool_down: { waited_s: 0, reason: 'no gap' },
    allowance: { cpus: 2 },
    interpreter: null,
    machine: { cpu: 'Example CPU 3000' },
    git: { commit: 'c0ffee', dirty: false, reason: null },
    supervisor: { host: 'bench', pid: 1, boot: 'b', start_time: null },
    findings: [],
    files: [],
    reused_from: null,
    ...changes,
  });

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { prepareEnvironment } from '../../../plugins/nx-study/src/environment/prepare.ts';
import type { MeasureTask } from '../../../plugins/nx-study/src/graph/task.ts';
import { identifiedTasks } from '../../../plugins/nx-study/src/graph/tasks.ts';
import { openBatch, takeDevice } from '../../../plugins/nx-study/src/measure/batch/batch.ts';
import type { Batch } from '../../../plugins/nx-study/src/measure/batch/batch.ts';
import type { Job } from '../../../plugins/nx-study/src/measure/one/job.ts';
import { journalFile } from '../../../plugins/nx-study/src/record/journal.ts';
import { followJournal } from '../../../plugins/nx-study/src/record/journal-reader.ts';
import { readRecord } from '../../../plugins/nx-study/src/record/read.ts';
import { loadStudy } from '../../../plugins/nx-study/src/study/load.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';

const STUDY = 'acts';

/** What the worker does, by its configuration. */
export const ACTS = [
  'measure',
  'measure-again',
  'crash',
  'crash-again',
  'crash-once-more',
  'wait',
  'rewrite-code',
  'change-code',
] as const;
export type Act = (typeof ACTS)[number];

const manifest = {
  protocol: 1,
  kind: 'values',
  description: 'Acts as it is configured',
  commands: { measure: ['sh', '{worker}/measure.sh', '{worker}'], derive: ['sh', '{worker}/derive.sh', '{out}'] },
  environment: { type: 'system' },
  config: 'config.schema.json',
  measuring: ['measure.sh'],
  deriving: ['derive.sh'],
};

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  properties: { act: { enum: ACTS, default: 'measure' } },
};

const MEASURE = String.raw`
act=$(sed -n 's/.*"act": "\([a-z-]*\)".*/\1/p' request.json)
echo "$act" >> "$1/../../starts.log"
[ "$act" = wait ] || echo '{"protocol":1,"kind":"values","payload":{"count":1}}' > result.json
case $act in
  crash*) echo 'no luck' >&2; exit 3 ;;
  wait) sleep 60 ;;
  rewrite-code) cp -p "$1/measure.sh" "$1/copy"; mv "$1/copy" "$1/measure.sh" ;;
  change-code) echo '# changed' >> "$1/measure.sh" ;;
esac
`;

/** A workspace with a real study, whose measurements do what their configuration says; no Nx. */
export async function actsOf(acts: readonly Act[], study: object = {}) {
  const root = await mkdtemp(join(tmpdir(), 'nx-study-acts-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  vi.stubEnv('NX_STUDY_LOCK_DIR', join(root, 'lock'));
  vi.stubEnv('NX_STUDY_CACHE_DIR', join(root, 'cache'));
  onTestFinished(() => void vi.unstubAllEnvs());
  const write = async (path: string, content: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  await write('workers/acts/worker.json', JSON.stringify(manifest));
  await write('workers/acts/config.schema.json', JSON.stringify(schema));
  await write('workers/acts/measure.sh', MEASURE);
  await write('workers/acts/derive.sh', `echo '{}' > "$1"\n`);
  await write(`studies/${STUDY}/study.yaml`, JSON.stringify({ worker: 'acts', sweep: { act: acts }, ...study }));
  const workers = await readWorkers(root);
  const { plan } = await loadStudy({ workspaceRoot: root, file: `studies/${STUDY}/study.yaml`, workers });
  const tasks = (await identifiedTasks(root, plan, workers)).map(({ task }) => task);
  const of = (act: Act): MeasureTask => tasks.find(({ configuration }) => configuration['act'] === act)!;
  const results = join(root, 'results', STUDY);
  return {
    root,
    tasks,
    worker: workers.get('acts')!,
    of,
    /** What the worker did, in the order of its starts. */
    starts: async () => (await readFile(join(root, 'starts.log'), 'utf8').catch(() => '')).split('\n').filter(Boolean),
    changeCode: () => write('workers/acts/measure.sh', `${MEASURE}# changed\n`),
    journal: () => followJournal(journalFile(root, STUDY)).read().entries,
    /** Folders of the finished measurements. */
    finished: async (act: Act) => {
      const folder = join(results, of(act).id);
      return (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
    },
    /** Records of the failed attempts at a measurement. */
    failed: async (act: Act) => {
      const folder = join(results, 'failed', of(act).id);
      const attempts: string[] = await readdir(folder).catch(() => []);
      attempts.sort((a, b) => a.localeCompare(b));
      return Promise.all(attempts.map((attempt) => readRecord(join(folder, attempt))));
    },
  };
}

export type Acts = Awaited<ReturnType<typeof actsOf>>;

/** What the measurements of one executor process share, with a stop that a test can give; nothing is printed. */
export async function batchIn(root: string) {
  const lines: string[] = [];
  const stop = new AbortController();
  const batch = await openBatch(root);
  batch.stop.dispose();
  const print = (line: string) => void lines.push(line);
  const listening: Batch['stop'] = {
    ...batch.stop,
    signal: stop.signal,
    cause: () => (stop.signal.aborted ? String(stop.signal.reason) : null),
    stopWithin: () => Promise.resolve(stop.signal.aborted),
  };
  return { batch: { ...batch, stop: listening, print, printOnce: print } satisfies Batch, lines, stop };
}

/** A task with all that its worker needs, and with the device, until the test ends. */
export async function jobOf(acts: Acts, batch: Batch, task: MeasureTask): Promise<Job> {
  const environment = await prepareEnvironment({ workspaceRoot: acts.root, worker: acts.worker });
  const device = await takeDevice(batch, [task]);
  onTestFinished(() => device.free());
  return { batch, device, task, worker: acts.worker, environment, assets: new Map(), size: null };
}

import { spawn } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { hostname } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { remeasure } from '../../../plugins/nx-study/src/commands/remeasure/remeasure.ts';
import { processIdentity } from '../../../plugins/nx-study/src/machine/process.ts';
import { nextStep } from '../../../plugins/nx-study/src/measure/one/next-step.ts';
import { openBatch } from '../../../plugins/nx-study/src/measure/batch/batch.ts';
import type { Batch } from '../../../plugins/nx-study/src/measure/batch/batch.ts';
import { platformGate } from '../../../plugins/nx-study/src/measure/one/platform.ts';
import { inputGate } from '../../../plugins/nx-study/src/measure/run/check.ts';
import { keepFailed } from '../../../plugins/nx-study/src/record/attempts.ts';
import type { MeasurementRecord, Supervisor } from '../../../plugins/nx-study/src/record/schema.ts';
import { gather } from '../../../plugins/nx-study/src/state/gather.ts';
import { nexts, states } from '../../../plugins/nx-study/src/state/states.ts';
import type { Next, State } from '../../../plugins/nx-study/src/state/states.ts';
import { missingOf, standingsOfTasks } from '../../../plugins/nx-study/src/state/still-there.ts';
import { STUDY, studyOf } from '../record/workspace.ts';

type Study = Awaited<ReturnType<typeof studyOf>>;

const SIZES = [1, 2, 3, 4, 5, 6];
/** Of these the study expects that they fail. */
const EXPECTED = [5, 6];
/** The input of these can't be used. */
const UNUSABLE = [2, 5];
/** Of a study that fits this machine, and of one that does not. */
const cpus = fc.constantFrom(null, null, 4096);

/** What happens to a measurement, one after another. */
const steps = [
  'measured',
  'measured-by-earlier-deriving-code',
  'damaged',
  'damaged-diagnostics',
  'draws-gone',
  'withdrawn',
  'elsewhere',
  'stale',
  'put-aside',
  'crash',
  'oom',
  'too-large',
  'interrupted',
  'retry-requested',
  'killed',
  'killed-at-its-end',
  'killed-after-a-failure',
  'running',
  'running-on-another-host',
] as const;
type Step = (typeof steps)[number];

let supervisors: Record<'alive' | 'gone' | 'elsewhere', Supervisor>;
const child = spawn('sleep', ['600']);
afterAll(() => void child.kill('SIGKILL'));
beforeAll(async () => {
  const { startTime: start_time, bootId: boot } = (await processIdentity(child.pid))!;
  const alive = { host: hostname(), pid: child.pid!, boot, start_time };
  supervisors = {
    alive,
    gone: { ...alive, start_time: '0' },
    elsewhere: { host: 'another-host', pid: 7, boot: 'b', start_time: '1' },
  };
});

/** Writes on the disk what a step leaves there. */
async function apply(study: Study, size: number, step: Step, index: number): Promise<void> {
  const at = { started_at: new Date(Date.UTC(2026, 2, 1, 10, index)).toISOString(), attempt: index + 1 };
  const { root, of, deriving } = study;
  const slot = { workspaceRoot: root, ...of(size).task };
  const failure = { type: 'crash', phase: null, message: 'exit code 3', traceback: null, log_tail: '' } as const;
  const begun = (supervisor: Supervisor, changes: Partial<MeasurementRecord> = {}) =>
    study.begun(size, false, { ...at, supervisor, ...changes });
  const measured = (derivedBy = deriving) => study.measured(size, at, derivedBy);
  switch (step) {
    case 'measured':
      return void (await measured());
    case 'measured-by-earlier-deriving-code':
      return void (await measured('earlier'));
    case 'damaged':
      return writeFile(join(await measured(), 'result.json'), '{}');
    case 'damaged-diagnostics':
      return writeFile(join(await measured(), 'derived.json'), '{');
    case 'draws-gone':
      return rm(join(await measured('earlier'), 'draws.bin'));
    case 'withdrawn': {
      const identity = { ...of(size).identity, code: 'withdrawn' };
      const { code, environment } = of(size).identity;
      const accepted = { code, environment, changes: [{ because: 'b', at: at.started_at, by: null }] };
      return void (await study.measured(size, { ...at, identity, accepted }, deriving));
    }
    case 'elsewhere': {
      const directory = await measured();
      const other = directory.replace(`results/${STUDY}/`, 'results/other/');
      await mkdir(dirname(other), { recursive: true });
      await cp(directory, other, { recursive: true });
      return rm(directory, { recursive: true });
    }
    case 'stale':
      return study.stale(size, at);
    case 'put-aside':
      return void (await keepFailed(slot, await measured()));
    case 'crash':
    case 'oom':
    case 'too-large':
    case 'interrupted':
      return void (await study.failed(size, step, at));
    case 'retry-requested':
      return void (await study.failed(size, 'oom', { ...at, retry_requested_at: at.started_at }));
    case 'killed':
      return begun(supervisors.gone);
    case 'killed-at-its-end':
      return begun(supervisors.gone, { outcome: 'measured' });
    case 'killed-after-a-failure':
      return begun(supervisors.gone, { outcome: 'failed', failure: { ...failure, exit_code: 3, signal: null } });
    case 'running':
      return begun(supervisors.alive);
    case 'running-on-another-host':
      return begun(supervisors.elsewhere);
  }
}

const id = (study: Study, size: number) => study.of(size).task.id;
const countOf = <T extends string>(all: readonly T[], found: readonly T[]) =>
  Object.fromEntries(all.map((one) => [one, found.filter((other) => other === one).length]));

/** What a run finds to do, in the words of `next`. */
async function nextOfRun(study: Study, size: number, batch: Batch): Promise<Next[]> {
  const step = await nextStep(batch, study.of(size).task, study.deriving);
  if (step.state === 'ended') return step.success ? ['nothing', 'reuse'] : ['final', 'too-large'];
  if (step.state === 'too-large') return ['too-large'];
  if (step.state === 'derive') return ['derive'];
  // For one that another process measures it waits.
  return [await nextToMeasure(study, size, batch), 'nothing'];
}

/** The same for what is to be measured: as a run asks it, before it prepares anything. */
async function nextToMeasure(study: Study, size: number, batch: Batch): Promise<Next> {
  const { task } = study.of(size);
  if ((await platformGate(batch)(task)) !== null) return 'refuse';
  const { outcome } = await inputGate(batch)(task, study.workers.get(task.worker)!);
  return outcome === null ? 'measure' : 'fail';
}

async function openRun({ root }: Study): Promise<Batch> {
  return { ...(await openBatch(root)), print() {}, printOnce() {} };
}

type Row = { state: State; next: Next; why: string };

/** Where it stands before a machine or an input is asked: views that start nothing do not ask. */
const unasked = ({ state, next, why }: Row) =>
  next === 'refuse' || next === 'fail'
    ? { state, next: 'measure', why: expect.any(String) as string }
    : { state, next, why };

test(
  'whatever happened, all views agree in states and counts, and a run does what the plan says',
  { timeout: 300_000 },
  async () => {
    const seen = { states: new Set<State>(), nexts: new Set<Next>() };
    const history = fc.array(fc.constantFrom(...steps), { maxLength: 3 });
    const histories = fc.tuple(...SIZES.map(() => history));
    await fc.assert(
      fc.asyncProperty(histories, cpus, async (all, demanded) => {
        const study = await studyOf(SIZES, { expect: EXPECTED, unusable: UNUSABLE, cpus: demanded });
        for (const [index, some] of all.entries())
          for (const [order, step] of some.entries()) await apply(study, SIZES[index]!, step, order);

        const { preview } = await study.rowsOf();
        for (const { state, next } of preview.rows) {
          seen.states.add(state);
          seen.nexts.add(next);
        }
        const planned = new Map(preview.rows.map((row) => [row.id, row]));
        const views = await study.views();
        for (const size of SIZES) {
          const { state } = planned.get(id(study, size))!;
          expect(views[size]).toEqual({ report: state, csv: state, plan: state, status: state });
        }
        const found = preview.rows.map(({ state }) => state);
        const { counts } = await study.look();
        expect(counts).toEqual(countOf(states, found));
        expect(preview.counts).toEqual(
          countOf(
            nexts,
            preview.rows.map(({ next }) => next),
          ),
        );

        const { standings } = await gather(study.root, STUDY);
        const pick = ({ state, next, why }: Row) => ({ state, next, why });
        expect([...standings.values()].map(pick)).toEqual(preview.rows.map(unasked));

        const tasks = SIZES.map((size) => study.of(size).task);
        const ofVerify = await standingsOfTasks(study.root, tasks);
        const word = ({ state, next }: Pick<Row, 'state'> & { next: string }) => `${state} ${next}`;
        expect(ofVerify.map(word)).toEqual(tasks.map((task) => word(unasked(planned.get(task.id)!))));
        const missing = (await missingOf(study.root, tasks)).map((task) => task.id);
        const isThere = (row: { state: State; next: Next }) => row.state === 'measured' && row.next === 'nothing';
        expect(missing).toEqual(tasks.map((task) => task.id).filter((one) => !isThere(planned.get(one)!)));

        const batch = await openRun(study);
        for (const size of SIZES)
          expect(await nextOfRun(study, size, batch)).toContain(planned.get(id(study, size))!.next);
        batch.stop.dispose();

        const chosen = (await study.rowsOf()).preview.rows;
        // What another process of this machine measures goes on there, also where this run refuses it.
        const underWay = preview.rows.filter(({ state, next }) => state === 'running' && next === 'nothing');
        for (const row of underWay) expect(chosen.find((one) => one.id === row.id)?.state).toBe('running');
        const { raised, retried, running, pending } = await remeasure(study.root, STUDY, {
          id: chosen.map((row) => row.id),
          flagged: [],
          failed: [],
        });
        const idsOf = (isMeant: (row: (typeof chosen)[number]) => boolean) =>
          chosen.filter(isMeant).map((row) => row.id);
        const hasResult = (row: (typeof chosen)[number]) =>
          row.state === 'measured' || row.next === 'reuse' || row.next === 'derive';
        expect(raised.map((one) => one.id)).toEqual(idsOf(hasResult));
        expect(running).toEqual(idsOf((row) => !hasResult(row) && row.state === 'running'));
        expect([...retried.map((one) => one.id), ...pending].toSorted((a, b) => a.localeCompare(b))).toEqual(
          idsOf((row) => !hasResult(row) && row.state !== 'running').toSorted((a, b) => a.localeCompare(b)),
        );
      }),
      { numRuns: 15, seed: 12, endOnFailure: true },
    );
    expect(seen.states).toEqual(new Set(states));
    expect(seen.nexts).toEqual(new Set(nexts));
  },
);

import { spawn } from 'node:child_process';
import { appendFile, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { processIdentity } from '../../../../plugins/nx-study/src/machine/process.ts';
import { journalFile } from '../../../../plugins/nx-study/src/record/journal.ts';
import { DIGEST_DIGITS, measurementDirectory } from '../../../../plugins/nx-study/src/record/paths.ts';
import type { Failure, MeasurementRecord, Supervisor } from '../../../../plugins/nx-study/src/record/schema.ts';
import type { Planned } from '../../../../plugins/nx-study/src/commands/status/plan.ts';
import { openStatus } from '../../../../plugins/nx-study/src/commands/status/read.ts';
import { planOf, STUDY, workspaceOf } from '../report/workspace.ts';

export { STUDY };

/** When the studies of these tests are looked at. */
export const NOW = Date.parse('2026-03-01T12:00:00Z');

export const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

export const idOf = (label: string) =>
  label.replace(
    /^([^+]+)(\+(\d+))?$/,
    (_, name, _plus, repetition) => `${name}-1a2b3c4d${repetition === undefined ? '' : `-r${repetition}`}`,
  );

/** A supervisor that lives: this process, or another one. */
export async function living(pid = process.pid): Promise<Supervisor> {
  const { startTime, bootId } = (await processIdentity(pid))!;
  return { host: hostname(), pid, boot: bootId, start_time: startTime };
}

/** A process that a test can kill. */
export function aProcess(): { pid: number; kill(): Promise<unknown> } {
  const child = spawn('sleep', ['600']);
  const exit = new Promise((resolve) => child.once('exit', resolve));
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    pid: child.pid!,
    kill() {
      child.kill('SIGKILL');
      return exit;
    },
  };
}

/** A workspace with one study, whose journal and results a test writes. */
export async function studyOf(labels: string[], { repetitions = 1, expect = null as 'failed' | null } = {}) {
  const plan = planOf(Object.fromEntries(labels.map((label) => [label, {}])), repetitions);
  const workspace = await workspaceOf(plan);
  const { workspaceRoot, digests, write } = workspace;
  const planned = plan.measurements.map(({ id, experiment, repetition, cycle }): Planned => ({
    id,
    label: plan.experiments.find((one) => one.id === experiment)!.label,
    repetition,
    worker: 'ideal-point',
    experiment,
    digest: digests.get(id)!,
    accepted: [],
    expect,
    memory_limit_bytes: null,
    gap: { min_s: 10, cycle_s: 40, max_s: null, until: null },
    cycle,
  }));
  const file = journalFile(workspaceRoot, STUDY);
  const append = async (text: string) => {
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, text);
  };
  const note = async (pid: number, seconds: number, entry: object) =>
    append(`${JSON.stringify({ at: ago(seconds), pid, ...entry })}\n`);
  const runDirectory = (label: string, { pid }: Supervisor) =>
    join(
      measurementDirectory({ workspaceRoot, study: STUDY, id: idOf(label) }),
      `${digests.get(idOf(label))!.slice(0, DIGEST_DIGITS)}.bench@b@${pid}.partial`,
    );
  return {
    ...workspace,
    planned,
    append,
    note,
    /** An executor begins. */
    wave: (supervisor: Supervisor, tasks: number, seconds = 600, nx: object | null = null) =>
      note(supervisor.pid, seconds, { event: 'batch', supervisor, nx, tasks }),
    async measured(label: string, { pid = 1, seconds = 300, elapsed_s = 40, noted = true } = {}) {
      const id = idOf(label);
      await write({ id, record: { elapsed_s } });
      if (noted) await note(pid, seconds, { event: 'measured', id, digest: digests.get(id), elapsed_s });
    },
    async failed(
      label: string,
      { pid = 1, seconds = 200, type = 'crash', message = 'exit code 3', limit_bytes = null as number | null } = {},
    ) {
      const id = idOf(label);
      const allowance = { cpus: 2, memory_bytes: limit_bytes };
      const record = { allowance, ended_at: ago(seconds) } as Partial<MeasurementRecord>;
      const directory = await write({ id, failure: { type: type as Failure['type'], message }, record });
      await note(pid, seconds, {
        event: type === 'interrupted' || type === 'too-large' ? type : 'failed',
        id,
        digest: digests.get(id),
        type,
        phase: 'sampling',
        detail: message,
        memory_limit_bytes: limit_bytes,
      });
      return directory;
    },
    /** A worker runs, with these events so far. */
    async running(label: string, supervisor: Supervisor, events: object[] = [], seconds = 20, further = '') {
      const id = idOf(label);
      const folder = runDirectory(label, supervisor);
      await write({
        id,
        folder: folder.split('/').at(-1)!,
        record: { outcome: 'running', supervisor, started_at: ago(seconds), ended_at: null, elapsed_s: null },
      });
      await note(supervisor.pid, seconds, { event: 'started', id, digest: digests.get(id) });
      const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      await appendFile(join(folder, 'events.jsonl'), lines + further);
      return folder;
    },
    open: () => openStatus(workspaceRoot, STUDY, planned),
    look: () => openStatus(workspaceRoot, STUDY, planned).look(NOW),
  };
}

/** Unix time, s. */
export const t = (secondsAgo: number) => NOW / 1000 - secondsAgo;

export const sampling = [
  { t: t(18), event: 'phase', phase: 'sampling' },
  { t: t(12), event: 'progress', done: 1000, total: 6000, unit: 'draws' },
  { t: t(2), event: 'progress', done: 3000, total: 6000, unit: 'draws' },
  { t: t(1), event: 'heartbeat' },
];

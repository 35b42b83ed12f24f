import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prefixOf } from '../batch/prefix.ts';
import { findingsOfChoices, runChoices } from '../../plan/run-choices.ts';
import { findingsOfCoolDown } from '../cooling/cool-down.ts';
import { limitTexts } from '../limits/texts.ts';
import { findingsOf as environmentFindings } from '../../environment/container.ts';
import { failedAttempts, partialDirectory } from '../../record/attempts.ts';
import { writeJournal } from '../../record/journal.ts';
import type { Finding, MeasurementRecord } from '../../record/schema.ts';
import { messages } from '../../state/texts.ts';
import { cpusOf } from './job.ts';
import type { Job } from './job.ts';
import { startedRecord } from './record.ts';
import type { Checked } from './refusal.ts';
import { requestOf } from './request.ts';
import { makeRunDirectory } from './run-directory.ts';
import type { RunDirectory } from './run-directory.ts';

/** A measurement whose worker may start: its run directory has the request, and a record that says it runs. */
export interface Begun extends Job, Pick<Checked, 'before'> {
  started: MeasurementRecord;
  runDirectory: RunDirectory;
}

/** Makes the run directory, writes request and record into it, and notes the start in the journal. */
export async function begin(job: Job & Checked): Promise<Begun> {
  const { batch, task, before } = job;
  const { workspaceRoot, supervisor } = batch;
  const slot = { workspaceRoot, ...task };
  const started = await recordOf(job);
  const runDirectory = makeRunDirectory(partialDirectory(slot, supervisor.boot));
  const request = requestOf(job);
  mkdirSync(request.assets_dir, { recursive: true });
  // Not synced: after a power cut nothing of a running measurement is worth keeping.
  writeFileSync(join(runDirectory.path, 'request.json'), `${JSON.stringify(request, null, 2)}\n`);
  writeFileSync(join(runDirectory.path, 'record.json'), `${JSON.stringify(started, null, 2)}\n`);
  await writeJournal(workspaceRoot, task.study, { id: task.id, event: 'started', digest: task.digest });
  return { ...job, before, started, runDirectory };
}

async function recordOf(job: Job & Checked): Promise<MeasurementRecord> {
  const { batch, device, task, worker, environment, memory, fitness } = job;
  const tried = await failedAttempts({ workspaceRoot: batch.workspaceRoot, ...task });
  const last = tried.at(-1)?.failure;
  if (last) batch.print(`${prefixOf(task)}: ${messages.again(tried.length, last.type, last.message)}`);
  return startedRecord({
    batch,
    task,
    worker,
    identity: job.before.identity,
    environment,
    cpus: cpusOf(job),
    attempt: tried.length + 1,
    coolDown: job.coolDown,
    machine: job.machine,
    platform: fitness.platform,
    sleepInhibition: device.awake.by,
    memory: memory.need,
    model: memory.model,
    findings: [
      ...(job.heldBefore ? [heldFinding(limitTexts.vramIgnored(job.heldBefore))] : []),
      ...findingsOfChoices(runChoices()),
      ...findingsOfCoolDown(job.coolDown),
      ...fitness.findings,
      ...environmentFindings(environment, task.execution.memory_limit_bytes),
      ...memory.findings,
    ],
  });
}

export const heldFinding = (message: string): Finding => ({ code: 'gpu-memory-held', message });

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endingFindings, endings } from '../worker/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { seesStrays } from '../../machine/tree.ts';
import { keepFailed, leftPartials, removeScratch } from '../../record/attempts.ts';
import { readRecord } from '../../record/read.ts';
import type { MeasurementRecord } from '../../record/schema.ts';
import { readEvents } from '../worker/events.ts';
import { outerFailure } from '../../state/failures.ts';
import { finish } from './finish.ts';
import type { Outcome } from './finish.ts';
import { shortenLog } from '../worker/log.ts';
import { checkEnded } from './run-directory.ts';
import { timeline } from '../worker/timeline.ts';
import type { Batch } from '../batch/batch.ts';

/**
 * Settles what a killed supervisor left of a measurement: a complete result becomes a flagged record, anything else an
 * interrupted attempt. Call it under the device lock. Returns the outcome of a recovered measurement, else null.
 */
export async function recoverInterrupted(
  batch: Pick<Batch, 'workspaceRoot'>,
  task: MeasureTask,
): Promise<Outcome | null> {
  const slot = { workspaceRoot: batch.workspaceRoot, ...task };
  let recovered: Outcome | null = null;
  await removeScratch(slot);
  for (const directory of await leftPartials(slot)) {
    const record = await readRecord(directory);
    if (record === null) {
      // Its supervisor was killed before it wrote one; one that can't be read is kept with all that lies beside it.
      if (existsSync(join(directory, 'record.json'))) await keepFailed(slot, directory);
      else await rm(directory, { recursive: true, force: true });
      continue;
    }
    const ended = record.outcome === 'running' ? await endedRecord(directory, record) : record;
    if (recovered === null && ended.outcome === 'measured' && ended.digest === task.digest)
      recovered = await finish(batch, task, directory, ended);
    else await keepFailed(slot, directory, ended);
  }
  return recovered;
}

/** The final record of a measurement whose supervisor died while it ran. */
export async function endedRecord(directory: string, record: MeasurementRecord): Promise<MeasurementRecord> {
  const events = timeline();
  const reader = readEvents(`${directory}/events.jsonl`);
  await reader.readAll((event) => events.add(event));
  reader.close();
  const findings = [
    ...record.findings,
    ...events.warnings(),
    ...(await shortenLog(directory)),
    ...(seesStrays() ? [] : [endingFindings.strayAfterKill]),
  ];
  const known = { ...record, phases: events.phases(), findings };
  const result = await checkEnded(directory, record.kind);
  if (result.state === 'complete') {
    const flagged = [...findings, endingFindings.exitNotSeen];
    return { ...known, outcome: 'measured', files: result.files, findings: flagged };
  }
  const phase = events.lastPhase();
  const message = endings.supervisorKilled(record.supervisor.pid, phase);
  return { ...known, outcome: 'failed', failure: outerFailure('interrupted', message, phase) };
}

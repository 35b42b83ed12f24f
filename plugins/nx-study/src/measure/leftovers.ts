import { rm } from 'node:fs/promises';
import type { MeasureTask } from '../graph/task.ts';
import { isPartialOf, keepFailed, leftPartials, removeScratch } from '../record/attempts.ts';
import { readRecord } from '../record/read.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import { readEvents } from './events.ts';
import { outerFailure } from './failures.ts';
import { finish, writeRecord } from './finish.ts';
import type { Outcome } from './finish.ts';
import { checkResult } from './result.ts';
import { timeline } from './timeline.ts';
import type { Wave } from './wave.ts';

/**
 * Settles what a killed supervisor left of a measurement: a complete result becomes a flagged record, anything else an
 * interrupted attempt. Call it under the device lock. Returns the outcome of a recovered measurement, else null.
 */
export async function settleLeftovers(wave: Wave, task: MeasureTask): Promise<Outcome | null> {
  const slot = { workspaceRoot: wave.workspaceRoot, ...task };
  await removeScratch(slot);
  for (const directory of await leftPartials(slot)) {
    const record = await readRecord(directory);
    if (record === null) {
      await rm(directory, { recursive: true, force: true });
      continue;
    }
    const events = await eventsOf(directory);
    const ended: MeasurementRecord = { ...record, phases: events.phases(), findings: events.warnings() };
    const result = await checkResult(directory, record.kind);
    if (result.state === 'complete' && isPartialOf(directory, task.digest) && record.digest === task.digest) {
      const finding = { code: 'exit-not-seen', message: 'the supervisor was killed after the result was complete' };
      return finish(wave, task, directory, {
        ...ended,
        outcome: 'measured',
        elapsed_s: null,
        files: result.files,
        findings: [...ended.findings, finding],
      });
    }
    const phase = events.lastPhase();
    const message = `its supervisor (pid ${record.supervisor.pid}) was killed${phase ? ` in phase "${phase}"` : ''}`;
    await writeRecord(directory, { ...ended, outcome: 'failed', failure: outerFailure('interrupted', message, phase) });
    await keepFailed(slot, directory);
  }
  return null;
}

async function eventsOf(directory: string) {
  const events = timeline();
  const reader = readEvents(`${directory}/events.jsonl`);
  for (const event of await reader.read()) events.add(event);
  await reader.close();
  return events;
}

import { basename } from 'node:path';
import { limitTexts } from '../limits/texts.ts';
import { failureOf } from '../worker/failure.ts';
import { shortenLog } from '../worker/log.ts';
import type { ResultCheck } from '../worker/result.ts';
import type { Supervised } from '../worker/supervise.ts';
import { endingFindings, endings } from '../worker/texts.ts';
import { lockLostFinding } from '../../machine/texts.ts';
import { seesStrays } from '../../machine/tree.ts';
import type { Failure, Finding, MeasurementRecord } from '../../record/schema.ts';
import { heldFinding } from './begin.ts';
import { changesSince } from './files.ts';
import { knownEnd } from './ended-elsewhere.ts';
import { finish } from './finish.ts';
import type { Outcome } from './finish.ts';
import { checkEnded, withMaxDuration } from './run-directory.ts';
import type { Ended } from './run-worker.ts';

/** Decides by result, exit and files what became of a measurement, writes its record, and moves it to where it belongs. */
export async function conclude(ended: Ended): Promise<Outcome> {
  const { batch, task, worker, started, runDirectory, observation, supervised } = ended;
  const { stop } = batch;
  const telemetry = await observation.telemetry();
  const isGone = await runDirectory.restore();
  const known = isGone === true ? await knownEnd(ended) : null;
  if (known !== null) return supervised.survivors.length > 0 ? { ...known, survivors: supervised.survivors } : known;
  const shortened = await shortenLog(runDirectory.path);
  const result: ResultCheck = isGone
    ? { state: 'absent' }
    : await withMaxDuration(stop.force, (signal) => checkEnded(runDirectory.path, worker.manifest.kind, signal));
  const endedWell = result.state === 'complete' && supervised.exitCode === 0;
  if (!endedWell && supervised.endedBy === 'worker') await stop.stopWithin();
  const { failure, findings } = await judge(ended, result, isGone);
  const record: MeasurementRecord = {
    ...started,
    outcome: failure ? 'failed' : 'measured',
    failure,
    ended_at: new Date().toISOString(),
    ...observation.recorded(supervised.elapsed_s),
    telemetry,
    supervision_cpu_s: supervised.supervision_cpu_s,
    findings: [
      ...started.findings,
      ...findingsOf(ended),
      ...shortened,
      ...findings,
      ...endingFindingsOf(supervised, result),
    ],
    files: 'files' in result ? result.files : [],
  };
  const outcome = await finish(batch, task, runDirectory.path, record);
  return supervised.survivors.length > 0 ? { ...outcome, survivors: supervised.survivors } : outcome;
}

/** Why a measurement failed, null when its result counts; and what was found of its files. */
async function judge(
  ended: Ended,
  result: ResultCheck,
  isGone: boolean | 'replaced',
): Promise<{ failure: Failure | null; findings: Finding[] }> {
  const { batch, runDirectory, observation, before } = ended;
  const ending = { result, stopCause: batch.stop.cause(), isGone, ...endingOf(ended) };
  const own = await failureOf(ending, runDirectory.path);
  if (own !== null) return { failure: own, findings: [] };
  const { failure, findings } = await changesSince(before, ended);
  return { failure: failure ?? observation.disturbed(), findings };
}

// The exit code of docker and podman for a container that they could not make; a worker may have it as well.
const ENGINE_FAILED = 125;

/** Evidence of how it ended. Podman tells that the kernel ended the first process of a container, and not always that it ended another one. */
function endingOf({ observation, supervised, task, environment: { container }, containerEnd }: Ended) {
  const seen = { supervised, ...observation.ending() };
  if (container?.isApart !== true) return seen;
  const limit_bytes = task.execution.memory_limit_bytes;
  const outOfMemory =
    limit_bytes !== null && containerEnd?.isOutOfMemory === true
      ? { message: limitTexts.killedInContainer(limit_bytes, null), own: true }
      : seen.outOfMemory;
  const isStarted = containerEnd?.isStarted ?? supervised.exitCode !== ENGINE_FAILED;
  const isNotStarted = !isStarted && supervised.endedBy === 'worker';
  const startError = isNotStarted ? new Error(endings.containerNotStarted(basename(container.engine))) : null;
  return { ...seen, supervised: { ...supervised, startError: supervised.startError ?? startError }, outOfMemory };
}

const findingsOf = ({ observation, heldAfter, device }: Ended): Finding[] => [
  ...observation.findings(),
  ...(heldAfter ? [heldFinding(limitTexts.vramKept(heldAfter))] : []),
  ...(device.lock.isStillHeld() ? [] : [lockLostFinding]),
];

function endingFindingsOf(supervised: Supervised, result: ResultCheck): Finding[] {
  const { endedBy, exitCode, signal, malformedEvents, unreadEvents } = supervised;
  const findings: Finding[] = [];
  if (result.state === 'complete' && endedBy === 'teardown') findings.push(endingFindings.slowTeardown);
  else if (result.state === 'complete' && exitCode !== 0) findings.push(endingFindings.killedInTeardown(signal));
  if (malformedEvents > 0) findings.push(endingFindings.malformedEvents(malformedEvents));
  if (process.platform === 'linux' && !seesStrays()) findings.push(endingFindings.straysUnseen);
  if (unreadEvents > 0) findings.push(endingFindings.unreadEvents(unreadEvents));
  return findings;
}

import { reasonOf } from '../errors/files.ts';
import { messages } from '../errors/measure.ts';
import { platformTexts } from '../errors/platform.ts';
import type { MeasureTask } from '../graph/task.ts';
import type { MachineDescription } from '../machine/description/describe.ts';
import { checkPlatform } from '../platform/check.ts';
import type { Scope } from '../platform/check.ts';
import { factsOf } from '../platform/facts.ts';
import { isProfile } from '../platform/name.ts';
import { openProfile } from '../platform/read.ts';
import type { Profile } from '../platform/read.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import { outerFailure } from './failures.ts';
import type { Outcome } from './finish.ts';
import { recordNotStarted } from './not-started.ts';
import { headOf } from './progress.ts';
import type { Wave } from './wave.ts';

/** Whether a machine may measure a task; where it demands no profile, only its cores are looked at. */
export interface Fitness {
  /** Why nothing is measured; null when something may be. */
  refusal: string | null;
  /** For the record; null without a profile. */
  platform: MeasurementRecord['platform'];
  findings: MeasurementRecord['findings'];
}

type Demanding = Pick<MeasureTask, 'platform' | 'worker' | 'configuration' | 'cpus'>;

/** Tells whether a machine, as it is at this moment, may measure tasks. */
export function fitnessOn(
  workspaceRoot: string,
  machine: MachineDescription,
  scope: Scope = 'all',
): (task: Demanding) => Promise<Fitness> {
  const facts = factsOf(machine);
  const profiles = new Map<string, Promise<Profile>>();
  const profileOf = (name: string) => {
    const profile = profiles.get(name) ?? openProfile(workspaceRoot, name);
    profiles.set(name, profile);
    return profile;
  };
  return async ({ cpus, platform, worker, configuration }) => {
    const { allowed } = machine.cpus;
    const nothing = { platform: null, findings: [] };
    if (cpus !== null && cpus > allowed) return { ...nothing, refusal: messages.tooFewCpus(cpus, allowed) };
    if (!isProfile(platform)) return { ...nothing, refusal: null };
    try {
      const demand = { worker, configuration, cpus: cpus ?? allowed };
      const { profile, checks, findings, refusal } = await checkPlatform(await profileOf(platform), facts, demand, {
        scope,
      });
      return { refusal, findings, platform: { profile, checks } };
    } catch (error) {
      return { ...nothing, refusal: reasonOf(error) };
    }
  };
}

/**
 * Refuses what this machine doesn't fit before anything is built or fetched for it; tells each reason in full once. What
 * another measurement may cause is asked under the device lock only.
 */
export function platformGate(wave: Wave): (task: MeasureTask) => Promise<Outcome | null> {
  const told = new Set<string>();
  let fitnessOf: ReturnType<typeof fitnessOn> | undefined;
  return async (task) => {
    if (task.cpus === null && !isProfile(task.platform)) return null;
    fitnessOf ??= fitnessOn(wave.workspaceRoot, await wave.machine(), 'lasting');
    const fitness = await fitnessOf(task);
    if (fitness.refusal === null) return null;
    const outcome = await refuse(wave, task, fitness);
    const reason = `${task.study} ${fitness.refusal}`;
    if (!told.has(reason)) {
      told.add(reason);
      return outcome;
    }
    return { ...outcome, text: `${headOf(task)}: failed (platform: ${platformTexts.refusedAlike})` };
  };
}

/** Records that a measurement was not started on a machine that doesn't fit. */
export const refuse = (wave: Wave, task: MeasureTask, { refusal, platform }: Fitness): Promise<Outcome> =>
  recordNotStarted(wave, task, outerFailure('platform', refusal!), { platform });

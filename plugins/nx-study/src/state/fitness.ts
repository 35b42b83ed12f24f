import { memoized } from '../base/memoized.ts';
import { messages } from './texts.ts';
import type { MeasureTask } from '../graph/task.ts';
import type { MachineDescription } from '../machine/description/describe.ts';
import { checkPlatform } from '../platform/check.ts';
import type { Scope } from '../platform/check.ts';
import { factsOf } from '../platform/facts.ts';
import { isProfile } from '../platform/name.ts';
import { openProfile } from '../platform/read.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import { reasonOf } from '../base/reason.ts';

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
  const profileOf = memoized((name: string) => openProfile(workspaceRoot, name));
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

import { setTimeout as sleep } from 'node:timers/promises';
import { Window } from './counters.ts';
import type { Counter, Reading } from './counters.ts';
import type { Sources } from './sources.ts';
import { clock_s, round } from './time.ts';

/** NVML's counter moves about ten times a second, RAPL's a thousand times. */
const SHORTEST_WINDOW_S = 10;
/** Often enough to tell a wrap from a counter that started again. */
const LOOK_S = 1;
/** Within a call: the smallest range in use, 65 kJ, is half full after that long at 3 kW only. */
const WATCH_S = 10;

/** Energy of each counter while the process sleeps with the model loaded. */
export interface Idle {
  window_s: number;
  energy: Map<string, Reading>;
}

export type Energy =
  | { status: 'unavailable'; reason: string }
  | {
      status: 'measured';
      window_s: number;
      window_output_tokens: number;
      window_prompt_tokens: number;
      domains: (Pick<Counter, 'name' | 'source' | 'scope'> & {
        joules: number;
        samples: number;
        idle_w: number | null;
      })[];
      idle: { method: string; window_s: number; reason: string | null };
      missing: Record<string, string>;
    };

export const notIdle: Idle = { window_s: 0, energy: new Map() };

/** Sleeps for the window and reads the counters meanwhile. */
export async function idleEnergy({ counters }: Sources, window_s: number): Promise<Idle> {
  const window = new Window(counters);
  const start_s = clock_s();
  window.sample();
  for (let left_s = window_s; left_s > 0; left_s = start_s + window_s - clock_s()) {
    await sleep(1000 * Math.min(LOOK_S, left_s));
    window.sample();
  }
  return { window_s: clock_s() - start_s, energy: window.energy() };
}

/** Calls again and again until the window is full; `call` tells the tokens of each call. */
export async function energyPass(
  call: (iteration: number) => Promise<{ output: number; prompt: number }>,
  sources: Sources,
  idle: Idle,
  window_s: number,
  clock: () => number = clock_s,
  watch_s = WATCH_S,
): Promise<Energy> {
  const window = new Window(sources.counters);
  const tokens = { output: 0, prompt: 0 };
  const start_s = clock();
  window.sample();
  let elapsed_s = 0;
  let looked_s = 0;
  const stopWatching = window.watch(watch_s);
  try {
    for (let iteration = 0; elapsed_s < window_s; iteration += 1) {
      const { output, prompt } = await call(iteration);
      elapsed_s = clock() - start_s;
      if (elapsed_s >= Math.min(window_s, looked_s + LOOK_S)) {
        window.sample();
        looked_s = elapsed_s;
      }
      tokens.output += output;
      tokens.prompt += prompt;
    }
  } finally {
    stopWatching();
  }
  if (elapsed_s < SHORTEST_WINDOW_S) return unavailable('window_too_short');
  return describe(sources, window.energy(), idle, elapsed_s, tokens);
}

/** No energy, and why. */
export const unavailable = (reason: string): Energy => ({ status: 'unavailable', reason });

function describe(
  sources: Sources,
  energy: Map<string, Reading>,
  idle: Idle,
  elapsed_s: number,
  tokens: { output: number; prompt: number },
): Energy {
  const failed = Object.fromEntries(
    [...energy].flatMap(([name, { reason }]) => (reason === null ? [] : [[name, reason]])),
  );
  const domains = sources.counters.flatMap(({ name, source, scope }) => {
    const { joules, samples } = energy.get(name)!;
    return joules === null ? [] : [{ name, source, scope, joules, samples, idle_w: idlePower_w(idle, name) }];
  });
  if (domains.length === 0) return unavailable(Object.values(failed)[0]!);
  return {
    status: 'measured',
    window_s: round(elapsed_s),
    window_output_tokens: tokens.output,
    window_prompt_tokens: tokens.prompt,
    domains,
    idle: {
      method: 'this process, model loaded, asleep before the first call',
      window_s: round(idle.window_s),
      reason: idleReason(
        idle,
        domains.map(({ name }) => name),
      ),
    },
    missing: { ...sources.missing, ...failed },
  };
}

function idlePower_w({ window_s, energy }: Idle, name: string): number | null {
  const joules = energy.get(name)?.joules ?? null;
  return joules === null ? null : round(joules / window_s);
}

function idleReason({ energy }: Idle, names: string[]): string | null {
  const reasons = names.flatMap((name) => {
    const reason = energy.get(name)?.reason;
    return reason ? [`${name}: ${reason}`] : [];
  });
  return reasons.length > 0 ? reasons.join('; ') : null;
}

import { afterEach, expect, it, vi } from 'vitest';
import { measured } from '../engine.ts';
import { cases } from './cases.ts';
import { scripted } from './scripted.ts';
import type { Script } from './scripted.ts';

interface Case {
  seed: number;
  configuration: object;
  assets?: object;
  engine: Script;
  expect: object;
}

interface Progress {
  done: number;
  total: number | null;
  unit: string;
}

afterEach(() => vi.restoreAllMocks());

it.each(cases<Case>('passes.json'))('$name', async ({ seed, configuration, assets = {}, engine, expect: expected }) => {
  const { engine: driven, calls, clock_s } = scripted(engine);
  vi.spyOn(performance, 'now').mockImplementation(() => 1000 * clock_s());
  const { raw, phases, events } = await measured(driven, configuration, { seed, assets });
  const progress = events.filter(({ event }) => event === 'progress') as unknown as Progress[];
  expect({
    phases,
    calls,
    progress: progress.map(({ done, total, unit }) => ({ done, total, unit })),
    payload: withoutMachine(raw),
  }).toEqual(expected);
});

const MACHINES = /(^|\.)(rss|pss)_\w+$|^versions$/;

/** A payload without what differs from machine to machine. */
function withoutMachine(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMachine);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !MACHINES.test(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutMachine(inner)]));
}

import type { Failure, Supervisor } from '../record/schema.ts';

/** Why a measurement is in its state. */
export const reasons = {
  running: ({ pid, host }: Supervisor) => `measured just now by process ${pid} on ${host}`,
  supervisorGone: 'its last attempt did not come to an end',
  failure: ({ type, message }: Failure) => `${type}: ${message}`,
  retryRequested: (text: string) => `retry requested, after ${text}`,
  stale: 'measured with other settings, data or code, or another take',
};

/** Why the next run measures, derives or leaves a measurement. */
export const whys = {
  measured: 'measured',
  measuredAs: (study: string, label: string) => `measured as ${study} ${label}`,
  reused: 'will be reused',
  expected: (type: string) => `failed as expected (${type})`,
  notAgain: (text: string) => `not tried again after ${text}`,
  again: (text: string) => `tried before, ${text}`,
  putAside: 'what was measured did not count any more, and was put aside',
  unended: 'its last attempt did not come to an end',
  runsElsewhere: ({ pid, host }: Supervisor) =>
    `process ${pid} on ${host} may measure it just now, and this machine does not wait for it`,
  toMeasure: 'not measured yet',
  first: 'first time',
  changed: (what: string[]) => `changed: ${what.join(', ')}`,
  notDerived: 'diagnostics not derived yet',
  derivingFailed: 'deriving its diagnostics failed',
  derivingChanged: 'deriving code changed',
};

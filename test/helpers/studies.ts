/** One explicit experiment of a study for the scripted worker. */
export interface Experiment {
  label: string;
  [setting: string]: unknown;
}

/** A study.yaml of explicit experiments that differ in their value; further keys of the study as written. */
export function studyOf(experiments: Experiment[], further = ''): string {
  const lines = experiments.map((experiment) => {
    const { label, ...settings } = experiment;
    return `  - ${JSON.stringify({ label, value: numberOf(label), ...settings })}`;
  });
  return `worker: scripted\nexperiments:\n${lines.join('\n')}\n${further}`;
}

// Equal measurements of two studies would be reused.
const numberOf = (label: string): number =>
  Buffer.from(label).reduce((number, byte) => (number * 31 + byte) % 1_000_003, 7);

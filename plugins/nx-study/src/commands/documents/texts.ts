/** Words of decision records and notes. */
export const documentTexts = {
  nothingWeakens: 'Nothing that nx-study knows of.',
  noRecords: 'Nothing is measured yet.',
  unknown: 'unknown',
  dirty: '(with changes that were not committed)',
  machine: (machines: readonly string[]) => `Machine: ${machines.join('; ')}`,
  versions: (versions: readonly string[]) => `Versions: ${versions.join('; ')}`,
  commit: (commits: readonly string[]) => `Git commit: ${commits.join('; ')}`,
  days: (days: readonly string[]) => `Measured: ${[...new Set([days[0], days.at(-1)])].join(' to ')}`,
  digests: (digests: string) => `Digests: ${digests}`,
};

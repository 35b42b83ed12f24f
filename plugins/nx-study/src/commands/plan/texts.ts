/** Why the next run measures, derives or leaves a measurement. */
export const previewTexts = {
  measured: 'measured',
  measuredAs: (study: string, label: string) => `measured as ${study} ${label}`,
  willBeAdopted: 'will be adopted',
  expected: (type: string) => `failed as expected (${type})`,
  settled: (text: string) => `not tried again after ${text}`,
  again: (text: string) => `tried before, ${text}`,
  retryRequested: (text: string) => `asked for again, after ${text}`,
  putAside: 'what was measured did not count any more, and was put aside',
  unended: 'its last attempt did not come to an end',
  first: 'first time',
  changed: (what: string[]) => `changed: ${what.join(', ')}`,
  notDerived: 'diagnostics not derived yet',
  derivingFailed: 'deriving its diagnostics failed',
  derivingChanged: 'deriving code changed',
};

/** Why the next run measures, derives or leaves a measurement. */
export const previewTexts = {
  measured: 'measured',
  adopted: (study: string, label: string) => `measured as ${study} ${label}, will be adopted`,
  expected: (type: string) => `failed as expected (${type})`,
  settled: (type: string, message: string) => `not tried again after ${type}: ${message}`,
  again: (type: string, message: string) => `tried before, ${type}: ${message}`,
  unended: 'its last attempt did not come to an end',
  first: 'first time',
  changed: (what: string[]) => `changed: ${what.join(', ')}`,
  notDerived: 'diagnostics not derived yet',
  derivingFailed: 'deriving its diagnostics failed',
  derivingChanged: 'deriving code changed',
};

import type { Finding } from '../record/schema.ts';

/** Texts of results and reports. */
export const unknownKind = (name: string, known: string[]) =>
  `"${name}" is no kind of result. Known kinds: ${known.join(', ')}`;

export const unknownKindFinding = (name: string): Finding => ({
  code: 'unknown-kind',
  message: `this version of nx-study does not know its kind "${name}", so none of its numbers are shown`,
});

export const unreadableResult = (kind: string): Finding => ({
  code: 'unreadable-result',
  message: `its result.json is not a result of kind "${kind}", or is gone`,
});

export const notDerived = (message: string | null): Finding => ({
  code: 'not-derived',
  message: message ?? 'there is no readable derived.json, so its diagnostics are unknown; run the study again to derive them',
});

export const unexpectedSuccess: Finding = {
  code: 'unexpected-success',
  message: 'the study expects it to fail, but it was measured',
};

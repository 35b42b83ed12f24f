import type { Finding } from '../record/schema.ts';

export const unknownKindFinding = (name: string): Finding => ({
  code: 'unknown-kind',
  message: `this version of nx-study does not know its kind "${name}", so none of its numbers are shown`,
});

export const unreadableResult = (kind: string): Finding => ({
  code: 'unreadable-result',
  message: `its result.json is not a result of kind "${kind}", or is gone`,
});

export const uncheckedResult: Finding = {
  code: 'unchecked-result',
  message: 'its record does not name result.json, so nobody can tell whether that is the one that was measured',
};

export const notDerived = (message: string | null): Finding => ({
  code: 'not-derived',
  message:
    message ?? 'there is no readable derived.json, so its diagnostics are unknown; run the study again to derive them',
});

export const derivedEarlier: Finding = {
  code: 'derived-by-earlier-code',
  message:
    'its diagnostics are those of earlier deriving code; run the study again where its draws are to derive them anew',
};

export const unexpectedSuccess: Finding = {
  code: 'unexpected-success',
  message: 'the study expects it to fail, but it was measured',
};

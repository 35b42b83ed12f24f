import type { Row } from '../state/rows.ts';

/** Codes of all that weakens these rows, and verdicts that failed. */
export const flagsOf = (rows: readonly Row[]): string[] => [
  ...new Set(
    rows.flatMap(({ findings, verdict }) => [
      ...(verdict === 'FAIL' ? ['gates failed'] : []),
      ...findings.map(({ code }) => code),
    ]),
  ),
];

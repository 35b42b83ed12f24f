import { badConstraint } from './texts.ts';

type Test = (version: number[]) => boolean;

/** A predicate for ranges of Python versions such as `>=3.12,<3.15`, `==3.12.*`, `~=3.12`; throws EnvironmentError. */
export function versionRange(constraint: string): (version: string) => boolean {
  const tests = constraint.split(',').map((clause) => clauseTest(clause.trim(), constraint));
  return (version) => tests.every((test) => test(numbersOf(version)));
}

/** Negative when a is older. Pre-release suffixes count for nothing. */
export const compareVersions = (a: string, b: string): number => compare(numbersOf(a), numbersOf(b));

/** The first minor version that a person could install for it, such as `3.12`. */
export function lowestMinor(constraint: string): string {
  const satisfies = versionRange(constraint);
  for (let minor = 8; minor < 50; minor++) {
    // Some patch release of it must do; the latest of a series are below 30.
    for (let patch = 0; patch < 30; patch++) if (satisfies(`3.${minor}.${patch}`)) return `3.${minor}`;
  }
  return '3';
}

const CLAUSE = /^(>=|<=|==|!=|~=|>|<)\s*(\d+(?:\.\d+)*)(\.\*)?$/;

function clauseTest(clause: string, constraint: string): Test {
  const [, operator, text, wildcard] = CLAUSE.exec(clause) ?? [];
  if (operator === undefined || text === undefined) throw badConstraint(constraint);
  const wanted = numbersOf(text);
  if (wildcard !== undefined) {
    if (operator === '==') return (version) => startsWith(version, wanted);
    if (operator === '!=') return (version) => !startsWith(version, wanted);
    throw badConstraint(constraint);
  }
  switch (operator) {
    case '>=':
      return (version) => compare(version, wanted) >= 0;
    case '<=':
      return (version) => compare(version, wanted) <= 0;
    case '>':
      return (version) => compare(version, wanted) > 0;
    case '<':
      return (version) => compare(version, wanted) < 0;
    case '!=':
      return (version) => compare(version, wanted) !== 0;
    case '==':
      return (version) => compare(version, wanted) === 0;
    default:
      if (wanted.length < 2) throw badConstraint(constraint);
      return (version) => compare(version, wanted) >= 0 && startsWith(version, wanted.slice(0, -1));
  }
}

const numbersOf = (version: string): number[] => /^\d+(\.\d+)*/.exec(version)?.[0].split('.').map(Number) ?? [];

function compare(a: number[], b: number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const startsWith = (version: number[], prefix: number[]): boolean =>
  prefix.every((part, index) => (version[index] ?? 0) === part);

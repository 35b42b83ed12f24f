import type { Absent } from '../../../base/known.ts';
import { potentialsApart } from '../texts.ts';

const list = (names: readonly string[]) => names.join(', ');

/** Reasons why two posteriors, or a part of them, aren't compared. */
export const compareReasons = {
  side: (label: string, { reason }: Absent) => `${label}: ${reason}`,
  noBasis: (label: string) =>
    `${label}: its derived.json has no \`basis\`, the facts that must be equal before numbers are compared. Where an earlier version of the worker made it, measure the study again: that derives again, and samples nothing`,
  otherBasis: (names: readonly string[]) => `they differ in ${list(names)}`,
  otherDescription: 'the two mean different quantities',
  missing: (label: string) => `${label} has no such quantity`,
  noError: (label: string) => `the Monte Carlo error of ${label} is not known`,
  chainsDisagree: (label: string, rhat: number, limit: number) =>
    `R-hat of ${label} is ${rhat.toFixed(3)}, above ${limit}: its chains disagree, so its Monte Carlo error says too little`,
  noDraws: 'one of the two has no draws of its own',
  neitherHasPositions: 'neither has a list of positions in its derived sections',
  noPositions: (label: string) => `${label} has no list of positions in its derived sections`,
  notAligned: (label: string) => `${label}: not every position has a mean`,
  twice: (label: string, item: string) => `${label}: ${item} is the id of several positions`,
  nothingShared: 'no position is in both',
  tooFew: (count: number) => `needs three, and there are ${count}`,
  noVariation: 'one of the two does not vary',
  noLoo: (label: string) => `${label} has no leave-one-out cross-validation`,
  noPointwise: (label: string) => `${label} has no value for each observation`,
  fewObservations: (count: number, limit: number) =>
    `${count} observations, below ${limit}, make its standard error too small as a rule`,
  smallElpd: (limit: number) => `differences below ${limit} nats are too small for their standard error to judge`,
  potentials: (names: readonly string[]) => `${potentialsApart(names)} no part of the elpd`,
  otherDensity: (one: string, other: string) =>
    `one predicts with ${one}, the other with ${other}, which have no common unit`,
  otherUnit: (one: string, other: string) => `one leaves out ${one}, the other ${other}`,
};

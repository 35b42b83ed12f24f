import type { AcceptedChange, Finding } from '../record/schema.ts';

export const acceptedMessage = (file: string, reason: string | null) =>
  `${file} is not as "accept" writes it: {because, at, by, changes: [{worker, from: {code, environment}, to: {code, environment}}]} as JSON${reason === null ? '' : ` (${reason})`}. Correct it, or delete it to withdraw what it accepts.`;

const CODE = 'accepted-change';

/** The finding for a result that was measured before an accepted change. */
export const acceptedFinding = {
  code: CODE,
  of: ({ because, at, by }: AcceptedChange): Finding => ({
    code: CODE,
    message: `measured before a change of code or dependencies that ${by ?? 'somebody'} accepted on ${at.slice(0, 10)}: ${because}`,
  }),
};

export const takesMessage = (file: string, reason: string | null) =>
  `${file} must be a JSON object of measurement ids and whole numbers from 1, such as {"normal-1a2b3c4d": 2}${reason === null ? '' : ` (${reason})`}. Correct it, or delete it to go back to first takes.`;

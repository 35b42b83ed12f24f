export { beforeAnswer, refuseTwoFiles, shuffled, takenTurns } from './asked.ts';
export { messagesOf } from './forms.ts';
export type { Entry, Form, Message, Place, Turn } from './forms.ts';
export { withFolder } from './problems.ts';
export { readDataset } from './read.ts';
export type { Entries } from './read.ts';
export { textOf } from './text.ts';

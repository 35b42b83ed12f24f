export { beforeAnswer, refuseTwoFiles, shuffled, takenTurns } from './asked.ts';
export { messagesOf } from './forms.ts';
export type { Entry, Form, Message, Turn } from './forms.ts';
export { readPrompts } from './prompts.ts';
export { readDataset } from './read.ts';
export type { Entries } from './read.ts';
export { filledLines, textOf } from './text.ts';
export type { Line, Place } from './text.ts';

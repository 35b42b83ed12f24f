import { InputProblem } from '../problem.ts';
import type { Place } from './text.ts';
import { datasetTexts as texts, short } from './texts.ts';

/** One message of a chat. */
export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** One request of a conversation. */
export interface Turn {
  /** What is said before its answer, and after the one of the turn before. */
  messages: Message[];
  /** That the file has; null where it ends before. */
  answer: string | null;
}

export interface Entry {
  place: Place;
  /** None where no user says anything. */
  turns: Turn[];
}

export type Form = 'prompt' | 'messages' | 'sharegpt';

/** @throws InputProblem with place, path and value of what isn't in that form. Further keys mean nothing. */
export function entryOf(form: Form, value: unknown, place: Place): Entry {
  if (form === 'prompt') return { place, turns: [promptOf(value, place)] };
  const isMessages = form === 'messages';
  const { key, from, said } = isMessages ? OPENAI : SHAREGPT;
  const isBare = isMessages && Array.isArray(value);
  const list = isBare ? value : objectAt(value, '', place)[key];
  if (!Array.isArray(list)) throw wrong(place, key, list, texts.list(form));
  if (list.length === 0) return { place, turns: [] };
  return { place, turns: turnsOf(messagesOf(list, place, { key: isBare ? '' : key, from, said })) };
}

interface Keys {
  /** Of the list. */
  key: string;
  from: string;
  said: string;
}

const OPENAI: Keys = { key: 'messages', from: 'role', said: 'content' };
const SHAREGPT: Keys = { key: 'conversations', from: 'from', said: 'value' };

/** @throws InputProblem with place, path and value of what is no message. */
export function messagesOf(list: unknown, place: Place, { key, from, said }: Keys = OPENAI): Message[] {
  if (!Array.isArray(list) || list.length === 0) throw wrong(place, key, list, texts.list('messages'));
  return list.map((one: unknown, index) => {
    const path = `${key}[${index}]`;
    const message = objectAt(one, path, place);
    const role = ROLES.get(message[from]);
    if (role === undefined)
      throw wrong(place, `${path}.${from}`, message[from], texts.roles([...ROLES.keys()].map(String)));
    return { role, content: textAt(message[said], `${path}.${said}`, place) };
  });
}

const ROLES = new Map<unknown, Message['role']>([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['human', 'user'],
  ['assistant', 'assistant'],
  ['gpt', 'assistant'],
  ['chatgpt', 'assistant'],
  ['model', 'assistant'],
  ['bot', 'assistant'],
]);

/** A text, or {prompt, answer}. */
function promptOf(value: unknown, place: Place): Turn {
  if (typeof value === 'string') return said(textAt(value, '', place), null);
  const { prompt, answer = null } = objectAt(value, '', place);
  return said(textAt(prompt, 'prompt', place), answer === null ? null : textAt(answer, 'answer', place));
}

const said = (content: string, answer: string | null): Turn => ({ messages: [{ role: 'user', content }], answer });

/** Each answer ends a turn. What is answered before a user has said anything is left out, and so is what follows the last user's turn. */
export function turnsOf(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  let open: Message[] = [];
  for (const message of messages) {
    const hasUser = open.some(({ role }) => role === 'user');
    if (message.role !== 'assistant') open.push(message);
    else if (hasUser) {
      turns.push({ messages: open, answer: message.content });
      open = [];
    }
  }
  if (open.some(({ role }) => role === 'user')) turns.push({ messages: open, answer: null });
  return turns;
}

function objectAt(value: unknown, path: string, place: Place): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrong(place, path, value, 'an object');
}

function textAt(value: unknown, path: string, place: Place): string {
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(place, path, value, 'a text that is not empty');
}

function wrong(place: Place, path: string, value: unknown, expected: string): InputProblem {
  const shown = short(value);
  return new InputProblem(texts.wrong(path, shown, expected), place, { value: shown });
}

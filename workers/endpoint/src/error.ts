import { redactor } from './redact.ts';

/** What went wrong with a request: data, not an exception. */
export interface RequestError {
  type: 'http-status' | 'timeout' | 'connection' | 'truncated' | 'protocol' | 'server' | 'finish-reason' | 'broken-off';
  message: string;
  /** HTTP status; null when there was no answer, or a good one. */
  status: number | null;
  /** Of the system, such as ECONNREFUSED. */
  code?: string;
}

const CLOSED = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** Whether the code is that of a connection which the server closed, as it may an idle one at the very moment of its next use. */
export const isOfClosed = (code: string | undefined): boolean => code !== undefined && CLOSED.has(code);

/**
 * What an object that should be a piece of an answer says of an error; null when it says nothing. Servers and gateways
 * have many forms for it: `{"error": {…}}`, `{"error": "…"}`, `{"object": "error", "message": …}`, `{"detail": …}`,
 * `{"message": …, "code": 500}`, and an error within a choice.
 */
export function errorIn(body: Record<string, unknown>): string | null {
  const own = body['error'] ?? body['errors'];
  if (own) return textOf(own);
  const { choices } = body;
  if (Array.isArray(choices) && choices.length > 0) return errorInChoices(choices);
  const isNamed = body['object'] === 'error' || body['type'] === 'error' || body['success'] === false;
  const told = MESSAGES.map((key) => body[key]).find((value) => value !== undefined && value !== null && value !== '');
  const codes = CODES.map((key) => body[key]).filter(
    (value) => typeof value === 'number' || /^\d+$/.test(String(value)),
  );
  const isNumbered = codes.some((code) => Number(code) >= LOWEST_ERROR);
  const isMessage = told !== undefined && codes.length === 0 && choices === undefined && !isObject(body['usage']);
  if (!isNamed && !isNumbered && !isMessage) return null;
  return told === undefined ? JSON.stringify(body) : textOf(told);
}

function errorInChoices(choices: unknown[]): string | null {
  for (const choice of choices) {
    const error = isObject(choice) ? choice['error'] : null;
    if (error) return textOf(error);
  }
  return null;
}

const MESSAGES = ['message', 'detail', 'msg', 'error_msg', 'error_message'];
const CODES = ['code', 'status', 'status_code', 'statusCode', 'error_code'];
const LOWEST_ERROR = 400;

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { message } = isObject(value) ? value : {};
  return typeof message === 'string' && message !== '' ? message : JSON.stringify(value);
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A server may repeat a key in its answer; what went wrong is recorded. */
export function hidden(
  error: RequestError | null,
  { headers, secrets = [] }: { headers: Record<string, string>; secrets?: string[] },
): RequestError | null {
  if (error === null) return null;
  const own = Object.entries(headers).flatMap(([name, value]) => (/^authorization$/i.test(name) ? [value] : []));
  return { ...error, message: redactor([...own, ...secrets])(error.message).slice(0, LONGEST_MESSAGE) };
}

const LONGEST_MESSAGE = 4000;

/**
 * A connection that ended; null: in order. Where a name stands for several addresses, each of them has a reason of its own,
 * and the error none.
 */
export function connectionError(
  error: (NodeJS.ErrnoException & { errors?: Error[] }) | null,
  hasBegun: boolean,
): RequestError {
  const type = 'connection';
  const place = hasBegun ? 'within its answer' : 'without an answer';
  if (error === null)
    return { type, message: `the server closed the connection ${place}`, status: null, code: 'ECONNRESET' };
  const message = error.message || error.errors?.map((one) => one.message).join('; ') || String(error.code);
  return { type, message, status: null, ...(error.code && { code: error.code }) };
}

/** Status line and headers of a response. */
export interface Head {
  status: number;
  /** Names in lower case; those that came several times are joined by a comma. */
  headers: Record<string, string>;
}

export interface ResponseEvents {
  head(head: Head): void;
  /** A piece of the body, without the framing of HTTP, between two places; the bytes are another's after the call. */
  body(bytes: Buffer, from: number, to: number): void;
  /** The response is whole. */
  end(): void;
}

export interface ResponseReader {
  /**
   * Takes what came next on the connection: so many bytes.
   *
   * @throws FramingError for what is no HTTP/1.1 response, and for bytes after its end.
   */
  feed(bytes: Buffer, length: number): void;
  /** The server closed the connection; says whether that was the end of a whole response. */
  close(): boolean;
  /** The response is whole. */
  isOver(): boolean;
  /** It is whole, and the server keeps the connection open. */
  isReusable(): boolean;
}

export class FramingError extends Error {}

type State = 'head' | 'counted' | 'until-close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'over';

const LONGEST_HEAD = 1 << 17;
const LARGEST_CHUNK = 2 ** 40;

/** Reads one response of HTTP/1.1 to a POST (RFC 9112): with a length, in chunks, or until the connection closes. */
export function responseReader(events: ResponseEvents): ResponseReader {
  let state: State = 'head';
  let text = '';
  let isKept = false;
  /** Bytes that are still to come of the body or of its chunk. */
  let left = 0;
  let size = new ChunkSize();
  const over = () => {
    state = 'over';
    events.end();
  };
  const begin = (head: Head, isOld: boolean) => {
    const connection = (head.headers['connection'] ?? '').toLowerCase();
    isKept = isOld ? connection.includes('keep-alive') : !/\bclose\b/.test(connection);
    events.head(head);
    const length = head.headers['content-length'];
    if (head.status === 204 || head.status === 304) return over();
    if (/\bchunked\s*$/i.test(head.headers['transfer-encoding'] ?? '')) return void (state = 'chunk-size');
    if (length === undefined) {
      isKept = false;
      return void (state = 'until-close');
    }
    if (!/^\d{1,15}$/.test(length)) throw new FramingError(`content-length: ${shown(length)}`);
    left = Number(length);
    if (left === 0) return over();
    return void (state = 'counted');
  };
  /** Each takes bytes from a position, and says where it ended. */
  const steps: Record<Exclude<State, 'over'>, (bytes: Buffer, at: number, to: number) => number> = {
    head(bytes, at, to) {
      const known = text.length;
      text += bytes.toString('latin1', at, to);
      const end = /\r?\n\r?\n/.exec(text);
      if (end === null) {
        if (text.length > LONGEST_HEAD) throw new FramingError('the headers have no end');
        return to;
      }
      const next = end.index + end[0].length;
      const { head, isOld } = headOf(text.slice(0, end.index));
      text = '';
      // What is on the way to a response, such as 100 and 103, says nothing of it.
      if (head.status >= 200) begin(head, isOld);
      return at + next - known;
    },
    counted(bytes, at, to) {
      const end = Math.min(to, at + left);
      left -= end - at;
      events.body(bytes, at, end);
      if (left === 0) over();
      return end;
    },
    'until-close'(bytes, at, to) {
      events.body(bytes, at, to);
      return to;
    },
    'chunk-size'(bytes, at, to) {
      const end = size.feed(bytes, at, to);
      if (!size.isOver) return end;
      left = size.value;
      size = new ChunkSize();
      state = left === 0 ? 'trailer' : 'chunk';
      return end;
    },
    chunk(bytes, at, to) {
      const end = Math.min(to, at + left);
      left -= end - at;
      if (left === 0) state = 'chunk-end';
      events.body(bytes, at, end);
      return end;
    },
    'chunk-end'(bytes, at) {
      const byte = bytes[at];
      if (byte !== CR && byte !== LF) throw new FramingError('a chunk is longer than its size');
      if (byte === LF) state = 'chunk-size';
      return at + 1;
    },
    trailer(bytes, at, to) {
      const found = bytes.indexOf(LF, at);
      const end = found < to ? found : -1;
      text += bytes.toString('latin1', at, end === -1 ? to : end);
      if (text.length > LONGEST_HEAD) throw new FramingError('the trailer has no end');
      if (end === -1) return to;
      const line = text.trim();
      text = '';
      if (line === '') over();
      return end + 1;
    },
  };
  return {
    feed(bytes, length) {
      for (let at = 0; at < length;) {
        if (state === 'over') throw new FramingError('bytes came after the end of the response');
        const whole = state === 'chunk-size' && size.isUntouched() ? wholeChunk(bytes, at, length) : null;
        if (whole === null) at = steps[state](bytes, at, length);
        else {
          events.body(bytes, whole.from, whole.to);
          at = whole.to + LINE_END;
        }
      }
    },
    close() {
      if (state === 'until-close') over();
      return state === 'over';
    },
    isOver: () => state === 'over',
    isReusable: () => state === 'over' && isKept,
  };
}

const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;

/** The line before a chunk: hexadecimal digits, and extensions that mean nothing here. */
class ChunkSize {
  value = 0;
  isOver = false;
  #digits = 0;
  #isExtension = false;

  isUntouched(): boolean {
    return this.#digits === 0 && !this.#isExtension;
  }

  feed(bytes: Buffer, from: number, to: number): number {
    let at = from;
    for (; at < to && !this.isOver; at += 1) this.#take(bytes[at]!);
    return at;
  }

  #take(byte: number): void {
    if (byte === LF) {
      if (this.#digits === 0) throw new FramingError('a chunk without a size');
      this.isOver = true;
      return;
    }
    if (this.#isExtension || byte === CR) return;
    const digit = digitOf(byte);
    if (digit >= 0) {
      this.value = this.value * 16 + digit;
      this.#digits += 1;
      if (this.value > LARGEST_CHUNK) throw new FramingError('the size of a chunk');
    } else if (byte === SEMICOLON || byte === 0x20 || byte === 0x09) this.#isExtension = true;
    else throw new FramingError('the size of a chunk is no number');
  }
}

const LINE_END = 2;

/** Where the contents of a chunk are that came whole, in its usual form; null for any other. */
function wholeChunk(bytes: Buffer, at: number, end: number): { from: number; to: number } | null {
  let [size, from] = [0, at];
  for (let digit; from < end && (digit = digitOf(bytes[from]!)) !== -1; from += 1) size = size * 16 + digit;
  if (size === 0 || bytes[from] !== CR || bytes[from + 1] !== LF) return null;
  from += LINE_END;
  const to = from + size;
  return to + LINE_END <= end && bytes[to] === CR && bytes[to + 1] === LF ? { from, to } : null;
}

function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function headOf(text: string): { head: Head; isOld: boolean } {
  const [first = '', ...lines] = text.split(/\r?\n/);
  const status = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first);
  if (status === null) throw new FramingError(`no answer of HTTP/1.1: ${shown(first)}`);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new FramingError(`no header: ${shown(line)}`);
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value;
  }
  return { head: { status: Number(status[2]), headers }, isOld: status[1] === '0' };
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 100));

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
export const responseReader = (events: ResponseEvents): ResponseReader => new Reader(events);

class Reader implements ResponseReader {
  readonly #events: ResponseEvents;
  #state: State = 'head';
  #text = '';
  #isKept = false;
  /** Bytes that are still to come of the body or of its chunk. */
  #left = 0;
  #size: ChunkSize | null = null;

  constructor(events: ResponseEvents) {
    this.#events = events;
  }

  feed(bytes: Buffer, length: number): void {
    for (let at = 0; at < length;) {
      if (this.#state === 'over') throw new FramingError('bytes came after the end of the response');
      const isBetweenChunks = this.#state === 'chunk-size' && this.#size === null;
      const end = isBetweenChunks ? this.#wholeChunk(bytes, at, length) : -1;
      at = end === -1 ? this.#step(this.#state, bytes, at, length) : end;
    }
  }

  close(): boolean {
    if (this.#state === 'until-close') this.#over();
    return this.#state === 'over';
  }

  isOver(): boolean {
    return this.#state === 'over';
  }

  isReusable(): boolean {
    return this.#state === 'over' && this.#isKept;
  }

  /** Takes a chunk that came whole, in its usual form, and says where it ended; -1 for any other. */
  #wholeChunk(bytes: Buffer, at: number, length: number): number {
    let size = 0;
    let from = at;
    for (let digit; from < length && (digit = digitOf(bytes[from]!)) !== -1; from += 1) size = size * 16 + digit;
    if (size === 0 || bytes[from] !== CR || bytes[from + 1] !== LF) return -1;
    from += LINE_END;
    const to = from + size;
    if (to + LINE_END > length || bytes[to] !== CR || bytes[to + 1] !== LF) return -1;
    this.#events.body(bytes, from, to);
    return to + LINE_END;
  }

  /** Takes bytes from a position, and says where it ended. */
  #step(state: Exclude<State, 'over'>, bytes: Buffer, at: number, to: number): number {
    if (state === 'head') return this.#head(bytes, at, to);
    if (state === 'counted') return this.#counted(bytes, at, to);
    if (state === 'chunk-size') return this.#chunkSize(bytes, at, to);
    if (state === 'chunk') return this.#chunk(bytes, at, to);
    if (state === 'chunk-end') return this.#chunkEnd(bytes, at);
    if (state === 'trailer') return this.#trailer(bytes, at, to);
    this.#events.body(bytes, at, to);
    return to;
  }

  #head(bytes: Buffer, at: number, to: number): number {
    const known = this.#text.length;
    this.#text += bytes.toString('latin1', at, to);
    const end = /\r?\n\r?\n/.exec(this.#text);
    if (end === null) {
      if (this.#text.length > LONGEST_HEAD) throw new FramingError('the headers have no end');
      return to;
    }
    const next = end.index + end[0].length;
    const { head, isOld } = headOf(this.#text.slice(0, end.index));
    this.#text = '';
    // What is on the way to a response, such as 100 and 103, says nothing of it.
    if (head.status >= 200) this.#begin(head, isOld);
    return at + next - known;
  }

  #begin(head: Head, isOld: boolean): void {
    const connection = (head.headers['connection'] ?? '').toLowerCase();
    this.#isKept = isOld ? connection.includes('keep-alive') : !/\bclose\b/.test(connection);
    this.#events.head(head);
    const length = head.headers['content-length'];
    if (head.status === 204 || head.status === 304) return this.#over();
    if (/\bchunked\s*$/i.test(head.headers['transfer-encoding'] ?? '')) return void (this.#state = 'chunk-size');
    if (length === undefined) {
      this.#isKept = false;
      return void (this.#state = 'until-close');
    }
    if (!/^\d{1,15}$/.test(length)) throw new FramingError(`content-length: ${shown(length)}`);
    this.#left = Number(length);
    if (this.#left === 0) return this.#over();
    return void (this.#state = 'counted');
  }

  #counted(bytes: Buffer, at: number, to: number): number {
    const end = Math.min(to, at + this.#left);
    this.#left -= end - at;
    this.#events.body(bytes, at, end);
    if (this.#left === 0) this.#over();
    return end;
  }

  #chunkSize(bytes: Buffer, at: number, to: number): number {
    const size = (this.#size ??= new ChunkSize());
    const end = size.feed(bytes, at, to);
    if (!size.isOver) return end;
    this.#left = size.value;
    this.#size = null;
    this.#state = this.#left === 0 ? 'trailer' : 'chunk';
    return end;
  }

  #chunk(bytes: Buffer, at: number, to: number): number {
    const end = Math.min(to, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#state = 'chunk-end';
    this.#events.body(bytes, at, end);
    return end;
  }

  #chunkEnd(bytes: Buffer, at: number): number {
    const byte = bytes[at];
    if (byte !== CR && byte !== LF) throw new FramingError('a chunk is longer than its size');
    if (byte === LF) this.#state = 'chunk-size';
    return at + 1;
  }

  #trailer(bytes: Buffer, at: number, to: number): number {
    const found = bytes.indexOf(LF, at);
    const end = found < to ? found : -1;
    this.#text += bytes.toString('latin1', at, end === -1 ? to : end);
    if (this.#text.length > LONGEST_HEAD) throw new FramingError('the trailer has no end');
    if (end === -1) return to;
    const line = this.#text.trim();
    this.#text = '';
    if (line === '') this.#over();
    return end + 1;
  }

  #over(): void {
    this.#state = 'over';
    this.#events.end();
  }
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

/** An event of a stream (`text/event-stream`). */
export interface StreamEvent {
  /** Empty when it has none. */
  name: string;
  data: string;
  /** When the last line of its data was complete, on the caller's clock. */
  time_s: number;
  /** The stream ended within this event. */
  isCut: boolean;
}

export interface EventReader {
  /** Takes a piece of the stream, and when it arrived. Throws a RangeError for a line that never ends. */
  feed(piece: string, time_s: number): void;
  /** All that came was whole events. */
  isBetween(): boolean;
  /** Events were read elsewhere, between two that come here: the next piece is not the beginning of the stream. */
  passed(): void;
  /** The stream is over. */
  end(): void;
}

const LONGEST_LINE = 8 << 20;

/**
 * Reads events by the HTML standard ("Server-sent events", "Interpreting an event stream"), with two differences: an
 * event has the time of its data, not of the empty line that ends it, which may come with the next event only; and
 * `[DONE]` needs no empty line, nor any end of line. A reader that waits for the line after it would give the events of
 * some servers the time of the next one.
 */
export const eventReader = (onEvent: (event: StreamEvent) => void): EventReader => new Reader(onEvent);

class Reader implements EventReader {
  readonly #onEvent: (event: StreamEvent) => void;
  #rest = '';
  #restTime_s = 0;
  #isFirst = true;
  #skipsLineFeed = false;
  #name = '';
  #data: string | null = null;
  #dataTime_s = 0;

  constructor(onEvent: (event: StreamEvent) => void) {
    this.#onEvent = onEvent;
  }

  feed(piece: string, time_s: number): void {
    if (piece === '') return;
    let text = this.#rest + piece;
    if (this.#isFirst && text.charCodeAt(0) === BYTE_ORDER_MARK) text = text.slice(1);
    this.#isFirst = false;
    let at = this.#skipsLineFeed && text.charCodeAt(0) === LINE_FEED ? 1 : 0;
    this.#skipsLineFeed = false;
    for (let lf = text.indexOf('\n', at), cr = text.indexOf('\r', at); lf !== -1 || cr !== -1;) {
      const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
      this.#take(text.slice(at, end), time_s);
      at = end + 1;
      if (end === cr && text.charCodeAt(at) === LINE_FEED) at += 1;
      else if (end === cr && at === text.length) this.#skipsLineFeed = true;
      if (lf !== -1 && lf < at) lf = text.indexOf('\n', at);
      if (cr !== -1 && cr < at) cr = text.indexOf('\r', at);
    }
    this.#rest = text.slice(at);
    this.#restTime_s = time_s;
    if (this.#rest.length > LONGEST_LINE) throw new RangeError(`a line of more than ${LONGEST_LINE} characters`);
    if (this.#rest.startsWith('data:') && isDone(this.#rest.slice('data:'.length))) {
      this.#take(this.#rest, time_s);
      this.#rest = '';
    }
  }

  isBetween(): boolean {
    return this.#rest === '' && this.#data === null && this.#name === '' && !this.#skipsLineFeed;
  }

  passed(): void {
    this.#isFirst = false;
  }

  end(): void {
    if (this.#rest !== '') this.#take(this.#rest, this.#restTime_s);
    this.#dispatch(true);
  }

  #take(line: string, time_s: number): void {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1);
    if (field === 'event') this.#name = value;
    // llama-server before 2025 has errors in a field of their own.
    if (field === 'error') this.#name = field;
    if (field !== 'data' && field !== 'error') return;
    const isOver = isDone(value);
    // It is an event of its own, also where the empty line before it is missing.
    if (isOver && this.#data !== null) this.#dispatch();
    this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
    this.#dataTime_s = time_s;
    if (isOver) this.#dispatch();
  }

  #dispatch(isCut = false): void {
    const event = this.#data === null ? null : { name: this.#name, data: this.#data, time_s: this.#dataTime_s, isCut };
    this.#name = '';
    this.#data = null;
    if (event) this.#onEvent(event);
  }
}

/** Whether the data of an event say that the answer is over. */
export const isDone = (data: string): boolean => data.length < 32 && data.trim() === '[DONE]';

const SPACE = 0x20;
const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = 0xfeff;

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
export function eventReader(onEvent: (event: StreamEvent) => void): EventReader {
  let rest = '';
  let restTime_s = 0;
  let isFirst = true;
  let skipsLineFeed = false;
  let name = '';
  let data: string | null = null;
  let dataTime_s = 0;
  const dispatch = (isCut = false) => {
    const event = data === null ? null : { name, data, time_s: dataTime_s, isCut };
    name = '';
    data = null;
    if (event) onEvent(event);
  };
  const take = (line: string, time_s: number) => {
    if (line === '') return dispatch();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1);
    if (field === 'event') name = value;
    // llama-server before 2025 has errors in a field of their own.
    if (field === 'error') name = field;
    if (field !== 'data' && field !== 'error') return;
    const isOver = isDone(value);
    // It is an event of its own, also where the empty line before it is missing.
    if (isOver && data !== null) dispatch();
    data = data === null ? value : `${data}\n${value}`;
    dataTime_s = time_s;
    if (isOver) dispatch();
  };
  return {
    feed(piece, time_s) {
      if (piece === '') return;
      let text = rest + piece;
      if (isFirst && text.charCodeAt(0) === BYTE_ORDER_MARK) text = text.slice(1);
      isFirst = false;
      let at = skipsLineFeed && text.charCodeAt(0) === LINE_FEED ? 1 : 0;
      skipsLineFeed = false;
      for (let lf = text.indexOf('\n', at), cr = text.indexOf('\r', at); lf !== -1 || cr !== -1;) {
        const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
        take(text.slice(at, end), time_s);
        at = end + 1;
        if (end === cr && text.charCodeAt(at) === LINE_FEED) at += 1;
        else if (end === cr && at === text.length) skipsLineFeed = true;
        if (lf !== -1 && lf < at) lf = text.indexOf('\n', at);
        if (cr !== -1 && cr < at) cr = text.indexOf('\r', at);
      }
      rest = text.slice(at);
      restTime_s = time_s;
      if (rest.length > LONGEST_LINE) throw new RangeError(`a line of more than ${LONGEST_LINE} characters`);
      if (rest.startsWith('data:') && isDone(rest.slice('data:'.length))) {
        take(rest, time_s);
        rest = '';
      }
    },
    isBetween: () => !isFirst && rest === '' && data === null && name === '' && !skipsLineFeed,
    end() {
      if (rest !== '') take(rest, restTime_s);
      dispatch(true);
    },
  };
}

/** Whether the data of an event say that the answer is over. */
export const isDone = (data: string): boolean => data.length < 32 && data.trim() === '[DONE]';

const SPACE = 0x20;
const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = 0xfeff;

import { StringDecoder } from 'node:string_decoder';
import { answerReader, TRUNCATED } from './answer.ts';
import type { RequestError } from './error.ts';
import type { Finding } from './finding.ts';
import type { Receiver, Receiving } from './receive.ts';
import { shapeOf } from './shape.ts';
import type { Shape } from './shape.ts';
import { eventReader } from './sse.ts';

/** Reads an answer that is streamed as events. Those of a shape that was seen before are not parsed. */
export function receiveStream(to: Receiver): Receiving {
  const decoder = new StringDecoder('utf8');
  const reader = answerReader(to.keepsText);
  const known = knownShapes(to.keepsText, reader.note);
  let isOver = false;
  /** All bytes so far were whole events. */
  let isBetween = false;
  const over = (error: RequestError | null = null) => {
    isOver = true;
    to.settle(error, reader.answer());
  };
  const events = eventReader((event) => {
    if (!isOver && reader.take(event)) over();
  });
  const read = (bytes: Buffer, from: number, end: number, time_s: number) => {
    const piece = decoder.write(bytes.subarray(from, end));
    if (isBetween) known.learn(piece);
    events.feed(piece, time_s);
    // The decoder may keep the beginning of a character.
    isBetween = bytes[end - 1]! < 0x80 && events.isBetween();
  };
  return {
    body(bytes, from, end, time_s) {
      if (isOver) return;
      // None of a known shape ends an answer.
      const at = isBetween ? known.take(bytes, from, end, time_s) : from;
      if (at === end) return;
      try {
        read(bytes, at, end, time_s);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        over({ type: 'protocol', message: error.message, status: null });
      }
    },
    end() {
      if (isOver) return;
      events.end();
      if (!isOver) over(reader.hasFinish() ? null : TRUNCATED);
    },
    answer: reader.answer,
  };
}

// Events that are all different have none.
const MOST_IN_VAIN = 3;
const MOST_SHAPES = 4;

/** The shapes of all answers so far, the last learned first: they depend on nothing but the bytes. */
const shapes: Shape[] = [];

/** Reads the events of one answer by shapes; after some in a row that served none of its other events, none is learned any more. */
function knownShapes(keepsText: boolean, note: (found: Finding, time_s: number) => void) {
  let inVain = 0;
  return {
    learn(piece: string): void {
      if (inVain === MOST_IN_VAIN) return;
      inVain += 1;
      const shape = shapeOf(piece);
      if (shape !== null) shapes.unshift(shape);
      if (shapes.length > MOST_SHAPES) shapes.pop();
    },
    /** Takes the known events that come first, one after another; says where the others begin. */
    take(bytes: Buffer, from: number, to: number, time_s: number): number {
      let at = from;
      for (let index = 0; index < shapes.length && at < to;) {
        const end = shapes[index]!.endOf(bytes, at, to, keepsText);
        if (end === -1) {
          index += 1;
          continue;
        }
        note(shapes[index]!.found, time_s);
        [at, index, inVain] = [end, 0, 0];
      }
      return at;
    },
  };
}

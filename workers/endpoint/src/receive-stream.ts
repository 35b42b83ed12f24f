import { StringDecoder } from 'node:string_decoder';
import { answerReader, TRUNCATED } from './answer.ts';
import type { Answer, AnswerReader } from './answer.ts';
import type { RequestError } from './error.ts';
import type { Receiver, Receiving } from './receive.ts';
import { shapeOf } from './shape.ts';
import type { Shape } from './shape.ts';
import { eventReader } from './sse.ts';

/** Reads an answer that is streamed as events. Those of a shape that was seen before are not parsed. */
export const receiveStream = (to: Receiver): Receiving => new StreamReader(to);

class StreamReader implements Receiving {
  readonly #to: Receiver;
  readonly #reader: AnswerReader;
  readonly #known: KnownShapes;
  readonly #events = eventReader((event) => {
    if (!this.#isOver && this.#reader.take(event)) this.#over();
  });
  /** Only where a piece ended within a character. */
  #decoder: StringDecoder | null = null;
  #isOver = false;
  /** All bytes so far were whole events. */
  #isBetween = true;

  constructor(to: Receiver) {
    this.#to = to;
    this.#reader = answerReader(to.keepsText);
    this.#known = new KnownShapes(to.keepsText, this.#reader);
  }

  body(bytes: Buffer, from: number, end: number, time_s: number): void {
    if (this.#isOver) return;
    // None of a known shape ends an answer.
    const at = this.#isBetween ? this.#known.take(bytes, from, end, time_s) : from;
    if (at > from) this.#events.passed();
    if (at === end) return;
    try {
      this.#read(bytes, at, end, time_s);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#over({ type: 'protocol', message: error.message, status: null });
    }
  }

  end(): void {
    if (this.#isOver) return;
    this.#events.end();
    if (!this.#isOver) this.#over(this.#reader.hasFinish() ? null : TRUNCATED);
  }

  answer(): Answer {
    return this.#reader.answer();
  }

  #read(bytes: Buffer, from: number, end: number, time_s: number): void {
    const piece = this.#textOf(bytes, from, end);
    const [wasBetween, pieces] = [this.#isBetween, this.#reader.pieces()];
    this.#events.feed(piece, time_s);
    if (wasBetween && this.#reader.pieces() > pieces) this.#known.learn(piece);
    // The decoder may keep the beginning of a character.
    this.#isBetween = bytes[end - 1]! < FIRST_OF_SEVERAL && this.#events.isBetween();
  }

  #textOf(bytes: Buffer, from: number, end: number): string {
    const isWhole = bytes[end - 1]! < FIRST_OF_SEVERAL;
    if (this.#decoder === null && isWhole) return bytes.toString('utf8', from, end);
    this.#decoder ??= new StringDecoder('utf8');
    return this.#decoder.write(bytes.subarray(from, end));
  }

  /** The answer is over. */
  #over(error: RequestError | null = null): void {
    this.#isOver = true;
    this.#to.settle(error, this.answer());
  }
}

// Bytes below are characters of their own.
const FIRST_OF_SEVERAL = 0x80;

// Events that are all different have none.
const MOST_IN_VAIN = 3;
const MOST_SHAPES = 4;

/** The shapes of all answers so far, the last learned first: they depend on nothing but the bytes. */
const shapes: Shape[] = [];

/** Reads the events of one answer by shapes; after some in a row that served none of its other events, none is learned any more. */
class KnownShapes {
  readonly #keepsText: boolean;
  readonly #reader: AnswerReader;
  #inVain = 0;

  constructor(keepsText: boolean, reader: AnswerReader) {
    this.#keepsText = keepsText;
    this.#reader = reader;
  }

  learn(piece: string): void {
    if (this.#inVain === MOST_IN_VAIN) return;
    this.#inVain += 1;
    const shape = shapeOf(piece);
    if (shape !== null) shapes.unshift(shape);
    if (shapes.length > MOST_SHAPES) shapes.pop();
  }

  /** Takes the known events that come first, one after another; says where the others begin. */
  take(bytes: Buffer, from: number, to: number, time_s: number): number {
    let at = from;
    for (let index = 0; index < shapes.length && at < to;) {
      const shape = shapes[index]!;
      const end = shape.endOf(bytes, at, to, this.#keepsText);
      if (end === -1) {
        index += 1;
        continue;
      }
      this.#reader.note(shape.found, time_s);
      at = end;
      index = 0;
      this.#inVain = 0;
    }
    return at;
  }
}

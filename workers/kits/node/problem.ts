import { Unsupported } from './errors.ts';

/** Where the input of a measurement is wrong. */
export interface InputPlace {
  /** The dotted path of the setting. */
  setting: string;
  /** Absolute; left out where the setting itself is wrong. */
  file?: string;
  line?: number;
  /** Of a JSON array, from 1. */
  entry?: number;
  column?: string;
}

/** Input that can't be used as the configuration says. The place is in the message, and apart for programs. */
export class InputProblem extends Unsupported {
  readonly place: InputPlace;
  /** The wrong value, as it is written. */
  readonly value: string | null;

  constructor(
    message: string,
    place: InputPlace,
    { value = null, cause }: { value?: string | null; cause?: unknown } = {},
  ) {
    const where = wordsOf(place);
    super(printable(where === '' ? message : `${where}: ${message}`), { cause });
    this.place = place;
    this.value = value;
  }

  /** As the command `check` answers. */
  asJson() {
    const { setting, file = null, line = null, column = null } = this.place;
    return { path: setting, message: this.message, file, line, column, value: this.value };
  }
}

/** What is wrong with the input that these readers read: of each the first problem. */
export function problemsOf(readers: readonly (() => unknown)[]): ReturnType<InputProblem['asJson']>[] {
  return readers.flatMap((read) => {
    try {
      read();
      return [];
    } catch (error) {
      if (error instanceof InputProblem) return [error.asJson()];
      throw error;
    }
  });
}

const wordsOf = ({ file, line, entry, column }: InputPlace): string =>
  [file, line && `line ${line}`, entry && `entry ${entry}`, column && `column ${column}`].filter(Boolean).join(', ');

const INVISIBLE = /[\p{C}\p{Z}]/gu;
const SHORT: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** What is no visible sign, such as an escape sequence in a name, is written out. */
const printable = (text: string): string =>
  text.replace(INVISIBLE, (sign) => (sign === ' ' ? sign : (SHORT[sign] ?? escaped(sign.codePointAt(0)!))));

/** As Python writes it. */
function escaped(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

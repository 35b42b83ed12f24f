/** A part of a terminal that is drawn again in place. */
export interface Screen {
  draw(text: string, rows: number, columns: number): void;
}

const ESC = '\u001B[';
const HIDE = `${ESC}?25l`;
const SHOW = `${ESC}?25h`;
const CLEAR = `${ESC}H${ESC}2J`;
const REST_OF_LINE = `${ESC}K`;
const REST_OF_SCREEN = `${ESC}J`;

export function openScreen(write: (text: string) => void): Screen {
  let drawn = 0;
  let width: number | null = null;
  return {
    draw(text, rows, columns) {
      // A line more than the screen has would scroll, and the next drawing would begin too low.
      const lines = text.split('\n').slice(0, Math.max(1, rows - 1));
      // Where old lines went when the width changed differs between terminals.
      const isResized = width !== null && width !== columns;
      const start = isResized ? CLEAR : drawn > 0 ? `${ESC}${drawn}A\r` : '';
      const body = lines.map((line) => `${line}${REST_OF_LINE}\n`).join('');
      // In one write, and over the old text: what is erased first flickers. The cursor is hidden no longer than that,
      // because Nx ends us at Ctrl+C before we could give it back.
      write(`${HIDE}${start}${body}${REST_OF_SCREEN}${SHOW}`);
      drawn = lines.length;
      width = columns;
    },
  };
}

const ESC = String.fromCodePoint(27);
const CONTROL = new RegExp(`${ESC}\\[(\\??[0-9;]*)([A-Za-z])`, 'y');

/** What a terminal of so many rows shows after all that was written to it: its lines without colours, and the cursor. */
export function screenAfter(written: string, rows: number, columns: number) {
  const lines: string[] = Array.from({ length: rows }, () => '');
  const scrolledOut: string[] = [];
  let row = 0;
  let column = 0;
  let isCursorShown = true;
  const put = (character: string) => {
    if (column === columns) throw new Error(`a line is wider than ${columns} columns: ${lines[row]}`);
    lines[row] = lines[row]!.padEnd(column).slice(0, column) + character + lines[row]!.slice(column + 1);
    column += 1;
  };
  const control = (parameter: string, name: string) => {
    if (name === 'm') return;
    if (name === 'A') row = Math.max(0, row - Number(parameter));
    else if (name === 'K') lines[row] = lines[row]!.slice(0, column);
    else if (name === 'H') row = column = 0;
    else if (name === 'J' && parameter === '2') lines.fill('');
    else if (name === 'J') lines.fill('', row + 1).splice(row, 1, lines[row]!.slice(0, column));
    else if (parameter === '?25') isCursorShown = name === 'h';
    else throw new Error(`unknown control sequence ${parameter}${name}`);
  };
  for (let index = 0; index < written.length;) {
    CONTROL.lastIndex = index;
    const match = CONTROL.exec(written);
    if (match) {
      control(match[1]!, match[2]!);
      index += match[0].length;
      continue;
    }
    const character = written[index]!;
    index += 1;
    if (character === '\r') column = 0;
    else if (character !== '\n') put(character);
    else {
      // As a terminal's line discipline does it.
      column = 0;
      row += 1;
      if (row < rows) continue;
      scrolledOut.push(lines.shift()!);
      lines.push('');
      row = rows - 1;
    }
  }
  return { lines: lines.map((line) => line.trimEnd()), row, scrolledOut, isCursorShown };
}

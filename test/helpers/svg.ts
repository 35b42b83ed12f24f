import { widthOf } from '../../plugins/nx-study/src/figures/text-size.ts';

/** One element of a drawing, as far as tests need it. */
export interface Element {
  tag: string;
  classes: string[];
  attributes: Record<string, string>;
  /** Of `text` elements. */
  text: string;
}

export interface Drawing {
  width: number;
  height: number;
  title: string;
  elements: Element[];
}

const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };

export const unescaped = (text: string): string =>
  text.replaceAll(/&(?:lt|gt|quot|amp|#39);/g, (one) => ENTITIES[one]!);

/** The drawings of a figure, without the signs of its legend. */
export const drawingsOf = ({ text }: { text: string }): Drawing[] =>
  [...text.matchAll(/<svg viewBox="0 0 ([\d.]+) ([\d.]+)" role="img">\s*<title>(.*?)<\/title>(.*?)<\/svg>/gs)].map(
    ([, width, height, title, body]) => ({
      width: Number(width),
      height: Number(height),
      title: unescaped(title!),
      elements: elementsOf(body!),
    }),
  );

function elementsOf(body: string): Element[] {
  return [...body.matchAll(/<(\w+)((?:\s+[\w-]+="[^"]*")*)\s*\/?>([^<]*(?:<tspan[^>]*>[^<]*<\/tspan>[^<]*)?)/g)].map(
    ([, tag, given, text]) => {
      const attributes = Object.fromEntries(
        [...given!.matchAll(/\s([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value!]),
      );
      return {
        tag: tag!,
        attributes,
        classes: (attributes['class'] ?? '').split(' '),
        text: unescaped(text!.replaceAll(/<[^>]*>/g, '')),
      };
    },
  );
}

export const withClass = ({ elements }: Drawing, name: string): Element[] =>
  elements.filter(({ classes }) => classes.includes(name));

export const countOf = (markup: { text: string }, name: string): number =>
  drawingsOf(markup).reduce((sum, drawing) => sum + withClass(drawing, name).length, 0);

interface Place {
  x: number;
  y: number;
}

/** All places that an element names: the corners of its box, or the points of its path. */
export function placesOf({ tag, attributes }: Element): Place[] {
  const number = (name: string) => Number(attributes[name]);
  if (tag === 'circle') return [{ x: number('cx'), y: number('cy') }];
  if (tag === 'text') return [{ x: number('x'), y: number('y') }];
  if (tag === 'rect') {
    const [x, y] = [Number(attributes['x'] ?? 0), Number(attributes['y'] ?? 0)];
    return [
      { x, y },
      { x: x + number('width'), y: y + number('height') },
    ];
  }
  if (tag !== 'path') return [];
  const moved = /translate\((\S+) (\S+)\)/.exec(attributes['transform'] ?? '');
  return moved ? [{ x: Number(moved[1]), y: Number(moved[2]) }] : pointsOf(attributes['d']!);
}

/** Absolute moves and lines; a relative line ends what can be followed. */
function pointsOf(path: string): Place[] {
  const points: Place[] = [];
  let at = { x: Number.NaN, y: Number.NaN };
  for (const [, command, given] of path.matchAll(/([A-Za-z])([^A-Za-z]*)/g)) {
    if (command === 'l') break;
    const numbers = given!.trim() === '' ? [] : given!.trim().split(/[ ,]+/).map(Number);
    if (command === 'H') at = { x: numbers[0]!, y: at.y };
    else if (command === 'V') at = { x: at.x, y: numbers[0]! };
    else if (command === 'M' || command === 'L') at = { x: numbers[0]!, y: numbers[1]! };
    else if (command === 'Z') continue;
    else throw new Error(`A path with ${command}: ${path}`);
    points.push(at);
  }
  return points;
}

/** Places that aren't finite or are outside of the drawing, as text. */
export const strayPlaces = (drawing: Drawing): string[] =>
  drawing.elements.flatMap((element) =>
    placesOf(element)
      .filter(({ x, y }) => !(x >= -0.05 && y >= -0.05 && x <= drawing.width + 0.05 && y <= drawing.height + 0.05))
      .map(({ x, y }) => `${element.tag} ${JSON.stringify(element.attributes)} at ${x}, ${y}`),
  );

const SMALL = new Set(['tick', 'val', 'in', 'on']);

/** The estimated box of a text. */
export function boxOf({ text, attributes, classes }: Element): { x: number; y: number; width: number; height: number } {
  const width = widthOf(text, classes.some((name) => SMALL.has(name)) ? 10.5 : 11.5);
  const x = Number(attributes['x']);
  const left =
    classes.includes('end') || classes.includes('val') ? x - width : classes.includes('mid') ? x - width / 2 : x;
  return { x: left, y: Number(attributes['y']) - 10, width, height: 13 };
}

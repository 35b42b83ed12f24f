import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, LineCounter, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { isMinusZero, keepsDigits } from '../base/exact.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Place } from './problem.ts';
import type { Text } from '../base/words.ts';
import { fileTexts } from './texts.ts';

export const MOST_LEVELS = 64;
const MOST_VALUES = 200_000;
// With more keys, comparing them with each other would take long.
const MOST_KEYS = 2000;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

const YAML_ORG = 'tag:yaml.org,2002:';
// The tags of the core schema: they leave a value as it is, or make it text.
const TAGS = new Set(['!', ...['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => YAML_ORG + name)]);
const shortTag = (tag: string) => (tag.startsWith(YAML_ORG) ? `!!${tag.slice(YAML_ORG.length)}` : tag);

// Numbers of YAML 1.1 that YAML 1.2 reads differently: https://yaml.org/type/int.html, https://yaml.org/type/float.html.
const LEADING_ZERO = /^[-+]?0\d/;
const NUMBER_OF_1_1 = /^[-+]?(0b[01_]+|0x[\da-f_]+|\d[\d_]*(\.[\d_]*)?(e[-+]?\d+)?)$/i;

export interface Position {
  line: number;
  column: number;
}

/** A problem of the text, at a position of it. */
export interface TextProblem extends Text {
  position: Position | null;
}

/** The line and column, from 1, of an offset. */
export function positionOf(offset: number, lines: LineCounter): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** Reads the nodes of a document, and finds them again. */
export class NodeReader {
  readonly problems: TextProblem[] = [];
  private readonly lines: LineCounter;
  private readonly anchors = new Map<string, Node>();
  private readonly targets = new Map<Alias, Node>();
  private readonly open = new Set<Node>();
  private values = 0;
  private unusable = false;

  constructor(lines: LineCounter) {
    this.lines = lines;
  }

  /** The value of a document; null when it is too large or too deep. */
  readAll(root: Node | null): Json {
    const value = this.read(root);
    return this.unusable ? null : value;
  }

  // A value with a problem becomes null.
  private read(node: Node | null): Json {
    if (node === null) return null;
    this.values++;
    if (this.unusable) return null;
    if (this.values > MOST_VALUES) return this.giveUp(node, fileTexts.tooMany(MOST_VALUES));
    if (isAlias(node)) return this.readAlias(node);
    if (node.anchor) this.anchors.set(node.anchor, node);
    if (node.tag !== undefined && !TAGS.has(node.tag))
      return this.refuse(node, fileTexts.knownTag(shortTag(node.tag), isScalar(node) ? (node.source ?? '') : null));
    if (isScalar(node)) return this.readScalar(node.value, node);
    if (this.open.size >= MOST_LEVELS) return this.giveUp(node, fileTexts.tooDeep(MOST_LEVELS));
    if (isMap(node) && node.items.length > MOST_KEYS) return this.giveUp(node, fileTexts.tooManyKeys(MOST_KEYS));
    this.open.add(node);
    const value = isMap<Node, Node | null>(node)
      ? this.readMap(node)
      : isSeq<Node>(node)
        ? node.items.map((item) => this.read(item))
        : null;
    this.open.delete(node);
    return value;
  }

  private readAlias(alias: Alias): Json {
    const target = this.anchors.get(alias.source);
    if (!target) return this.refuse(alias, fileTexts.alias(alias.source, [...this.anchors.keys()]));
    if (this.open.has(target)) return this.refuse(alias, fileTexts.cycle(alias.source));
    this.targets.set(alias, target);
    return this.read(target);
  }

  private readScalar(value: unknown, node: Scalar): Json {
    const { source = String(value) } = node;
    if (typeof value !== 'number' && typeof value !== 'bigint') {
      const isNumber = typeof value === 'string' && node.type === 'PLAIN' && !node.tag && NUMBER_OF_1_1.test(source);
      return isNumber ? this.refuse(node, fileTexts.numberOf11(source)) : (value as Json);
    }
    if (LEADING_ZERO.test(source)) return this.refuse(node, fileTexts.leadingZero(source));
    if (isMinusZero(source)) return this.refuse(node, fileTexts.minusZero(source));
    const number = Number(value);
    if (typeof value === 'bigint')
      return Number.isSafeInteger(number) ? number : this.refuse(node, fileTexts.integer(source));
    if (!Number.isFinite(number)) return this.refuse(node, fileTexts.notFinite(source));
    return keepsDigits(source) ? number : this.refuse(node, fileTexts.digits(source, number));
  }

  private readMap(map: YAMLMap<Node, Node | null>): JsonObject {
    const value: JsonObject = {};
    const firstLines = new Map<string, number>();
    for (const { key, value: inner } of map.items) {
      const name = this.readKey(key);
      if (name === null) continue;
      const line = this.positionOf(key)?.line ?? 1;
      const first = firstLines.get(name);
      if (first !== undefined) this.refuse(key, fileTexts.duplicateKey(name, first));
      firstLines.set(name, line);
      const json = this.read(inner);
      if (first === undefined) value[name] = json;
    }
    return value;
  }

  private readKey(key: Node | null): string | null {
    const name = isScalar(key) ? key.value : undefined;
    if (key === null || typeof name !== 'string') {
      const source = isScalar(key) && key.source ? `\`${key.source}\`` : 'here';
      return this.refuse(key, fileTexts.keyKind(source));
    }
    if (name === '') return this.refuse(key, fileTexts.keyEmpty());
    if (name === '<<') return this.refuse(key, fileTexts.mergeKey());
    if (name.split('.').some((part) => FORBIDDEN_KEYS.has(part))) return this.refuse(key, fileTexts.keyForbidden(name));
    if (name !== name.normalize('NFC')) return this.refuse(key, fileTexts.keyNotNfc(name));
    return name;
  }

  private giveUp(node: Node, text: Text): null {
    this.unusable = true;
    return this.refuse(node, text);
  }

  private refuse(node: Node | null, text: Text): null {
    this.problems.push({ position: this.positionOf(node), ...text });
    return null;
  }

  private positionOf(node: Node | null | undefined): Position | null {
    return node?.range ? positionOf(node.range[0], this.lines) : null;
  }

  /** Where a place stands: its key, or its value; the nearest existing one around it otherwise. */
  locate(root: Node | null, at: Place, wantsKey: boolean): Position {
    let node: Node | null = root;
    let best = this.positionOf(root);
    for (const [depth, step] of at.entries()) {
      const inside: Node | null = isAlias(node) ? (this.targets.get(node) ?? null) : node;
      const pair = isMap(inside)
        ? (inside.items as Pair<Node, Node | null>[]).find(({ key }) => isScalar(key) && key.value === step)
        : undefined;
      const next: Node | null | undefined = pair
        ? pair.value
        : isSeq<Node>(inside)
          ? inside.items[Number(step)]
          : undefined;
      if (!pair && !next) break;
      const keyPosition = this.positionOf(pair?.key);
      const last = depth === at.length - 1;
      best = (last && wantsKey ? keyPosition : null) ?? this.valuePosition(next) ?? keyPosition ?? best;
      node = next ?? null;
    }
    return best ?? { line: 1, column: 1 };
  }

  // An empty value has no position, so its key's counts.
  private valuePosition(node: Node | null | undefined): Position | null {
    const empty = isScalar(node) && node.source === '';
    return empty ? null : this.positionOf(node);
  }
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Message } from '../../../kits/node/dataset/index.ts';
import type { Prompt } from '../prompts.ts';
import type { Stock } from '../stock.ts';
import type { Reply } from '../stream.ts';
import type { Said, Script, Turns } from './script.ts';

/** Where a user is in a conversation. */
interface Talk {
  said: Said[];
  /** Of its next request, from 0. */
  turn: number;
  /** All that was said and answered so far. */
  history: Message[];
  /** Tokens of the history that the server has read or made; null where it didn't count them. */
  known_tokens: number | null;
}

interface Talking {
  script: Script;
  turns: Turns;
  /** The body of a request. */
  write(prompt: Prompt, asked_tokens: number): string;
}

const TURN_MS = 20;

/**
 * Conversations, one after another for each user. What users say is made before; the body of a request only when the answer before it is
 * there. The first conversation of a user has as many turns fewer as its number, so that users are not all in the same turn. After an
 * error, or an answer without text, a conversation is over.
 */
export function talksOf({ script, turns, write }: Talking): Stock {
  const made = new Map<number, Said[]>();
  const talks = new Map<number, Talk>();
  let ready = 0;
  let begun = 0;
  const begin = (user: number): Talk => {
    const said = made.get(begun) ?? script(begun);
    made.delete(begun);
    begun += 1;
    const isFirst = !talks.has(user);
    const talk = { said: isFirst ? said.slice(0, Math.max(1, said.length - (user % turns.count))) : said, ...NOTHING };
    talks.set(user, talk);
    return talk;
  };
  return {
    async fill(requests, limit_s = Infinity) {
      const end = performance.now() + 1000 * limit_s;
      let turn = performance.now();
      for (; ready < Math.ceil(requests / turns.count) && turn < end; ready += 1) {
        if (ready >= begun) made.set(ready, script(ready));
        if (performance.now() - turn < TURN_MS) continue;
        await nextTurn();
        turn = performance.now();
      }
    },
    take(_index, user = 0) {
      const known = talks.get(user);
      const talk = known !== undefined && known.turn < known.said.length ? known : begin(user);
      const { messages, asked_tokens } = talk.said[talk.turn]!;
      talk.history = [...talk.history, ...messages];
      talk.turn += 1;
      const prompt = { messages: talk.history };
      return {
        prompt,
        asked_tokens,
        asked_prompt_tokens: null,
        turn: talk.turn,
        shared_tokens: talk.known_tokens,
        ...(talk.turn < talk.said.length && { think_s: turns.think_s }),
        body: write(prompt, asked_tokens),
      };
    },
    heard(user, reply) {
      const talk = talks.get(user)!;
      const recorded = turns.history === 'recorded';
      const answer = recorded ? talk.said[talk.turn - 1]!.recorded : textOf(reply);
      if (reply.error !== null || answer === null || answer === '') {
        talk.turn = talk.said.length;
        return;
      }
      talk.history = [...talk.history, { role: 'assistant', content: answer }];
      const { prompt_tokens = null, completion_tokens = 0 } = reply.usage ?? {};
      talk.known_tokens = prompt_tokens === null ? null : prompt_tokens + (recorded ? 0 : (completion_tokens ?? 0));
    },
  };
}

const NOTHING = { turn: 0, history: [], known_tokens: 0 };

function textOf({ chunks, chunk_times_s }: Reply): string {
  if (chunks.length === 0 && chunk_times_s.length > 0) throw new Error('the text of an answer was not kept');
  return chunks.join('');
}

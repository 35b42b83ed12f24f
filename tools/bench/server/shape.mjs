/** What the server does with each request: the first token after FIRST_S, then a chunk every GAP_S, TOKENS in all. */
export const [FIRST_S, GAP_S, TOKENS] = [0.2, 0.02, 128];

export const PROMPT_TOKENS = 16;

/** How long an answer takes with so many tokens in each chunk. */
export const answer_s = (perChunk) => FIRST_S + GAP_S * (Math.ceil(TOKENS / perChunk) - 1);

/** Time per token after the first chunk. */
export const tokenGap_s = (perChunk) => (GAP_S * (Math.ceil(TOKENS / perChunk) - 1)) / (TOKENS - perChunk);

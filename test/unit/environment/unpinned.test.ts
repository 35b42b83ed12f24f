import { expect, test } from 'vitest';
import { unpinnedSources } from '../../../plugins/nx-study/src/environment/unpinned.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test('images by tag, and files of an address without a checksum, are named', () => {
  const steps = `# syntax=docker/dockerfile:1
ARG VERSION=3.12
from --platform=linux/amd64 python:\${VERSION} AS base
# FROM of:a-comment, and RUN <<EOF
FROM between:1
RUN --mount=type=bind,from=busybox:1,target=/mnt echo FROM \\
  nothing:here
COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /bin/uv
ADD https://example.org/model.bin /model.bin
ADD ["https://example.org/list.bin", "/list.bin"]
ADD git@example.org:a/b.git /b
RUN <<EOF
true
# a comment of the script
EOF
FROM after:1
`;
  expect(unpinnedSources(steps)).toEqual([
    'python:${VERSION}',
    'between:1',
    'busybox:1',
    'ghcr.io/astral-sh/uv:0.9',
    'https://example.org/model.bin',
    'https://example.org/list.bin',
    'git@example.org:a/b.git',
    'after:1',
  ]);
});

test('digests, checksums, earlier stages and nothing at all are no weakness', () => {
  const steps = `FROM python:3.12@${DIGEST} AS Build
FROM scratch
COPY --from=build /app /app
COPY --from=0 /app /app
COPY --chmod=755 run.sh https.txt /
ADD --checksum=${DIGEST} https://example.org/model.bin /model.bin
RUN --mount=type=cache,target=/cache uvx --from=ruff ruff
RUN python3 - <<'EOF' && true
from os import path
ADD https://example.org/a /a
EOF
COPY <<END /etc/query
FROM a:table
END
`;
  expect(unpinnedSources(steps)).toEqual([]);
});

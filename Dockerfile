# The worker (and the CLI): docker build -t temporal-remote-jobs .
# With the local stand-ins' engines: docker build --target local -t temporal-remote-jobs-local .
# Temporal's native core needs glibc, so no Alpine.

FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run --silent build && npm pack --ignore-scripts && mv temporal-remote-jobs-*.tgz package.tgz

# As its users install it: without what only builds and tests need.
FROM node:22-bookworm-slim AS base
WORKDIR /app
COPY --from=build /build/package.tgz /tmp/package.tgz
RUN npm init --yes >/dev/null \
  && npm install --omit=dev --no-audit --no-fund /tmp/package.tgz \
  && rm -rf /tmp/package.tgz && npm cache clean --force \
  && install -d -o node -g node /var/lib/remote-jobs
ENV NODE_ENV=production PATH=/app/node_modules/.bin:$PATH
# A remote-jobs.yaml here is read; without one, artifacts go to ./remote-jobs-artifacts.
WORKDIR /var/lib/remote-jobs
ENTRYPOINT ["remote-jobs"]

FROM base AS local
COPY package.json /tmp/package.json
RUN cd /app \
  && npm install --no-audit --no-fund $(node -p "const { devDependencies: of } = require('/tmp/package.json'); ['@duckdb/node-api', '@polyglot-sql/sdk'].map((name) => name + '@' + of[name]).join(' ')") \
  && npm cache clean --force
USER node

FROM base AS worker
# Else glibc keeps hundreds of MiB of freed network buffers where thousands of jobs wait.
ENV MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=16384
USER node
CMD ["worker"]

# The worker (and the CLI): docker build --target worker -t temporal-remote-jobs .
# With the stand-ins' engines: docker build --target local -t temporal-remote-jobs-local .
# Temporal's native core needs glibc, so no Alpine. User 1000 is the image's `node`; by its number
# Kubernetes sees that it isn't root.

FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
# With lists of what is installed beside it, at the versions that the tests ran with.
RUN npm run --silent build \
  && npm pack --ignore-scripts \
  && mv temporal-remote-jobs-*.tgz package.tgz \
  && node scripts/image-packages.js worker >worker.txt \
  && node scripts/image-packages.js local >local.txt

# As its users install it: without what only builds and tests need.
FROM node:22-bookworm-slim AS base
WORKDIR /app
COPY --from=build /build/package.tgz /build/worker.txt /tmp/
RUN npm init --yes >/dev/null \
  && xargs npm install --omit=dev --no-audit --no-fund /tmp/package.tgz </tmp/worker.txt \
  && rm /tmp/package.tgz /tmp/worker.txt \
  && npm cache clean --force \
  && install -d -o node -g node /var/lib/remote-jobs
ENV NODE_ENV=production PATH=/app/node_modules/.bin:$PATH
# A remote-jobs.yaml here is read; without one, artifacts go to ./remote-jobs-artifacts.
WORKDIR /var/lib/remote-jobs
ENTRYPOINT ["remote-jobs"]

FROM base AS local
COPY --from=build /build/local.txt /tmp/
RUN xargs npm install --prefix /app --omit=dev --no-audit --no-fund </tmp/local.txt \
  && rm /tmp/local.txt \
  && npm cache clean --force
USER 1000

FROM base AS worker
# Each of these holds unless the container's environment says otherwise: glibc would keep hundreds of
# MiB of freed network buffers where thousands of jobs wait, and V8 would stop at a heap of half the
# container's memory. docs/decisions/0023 has the figures.
ENV MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=16384 NODE_OPTIONS=--max-old-space-size=800
# V8 would let its heap grow to twice what lives; NODE_OPTIONS may not say otherwise.
ENTRYPOINT ["node", "--heap-growing-percent=25", "/app/node_modules/.bin/remote-jobs"]
USER 1000
CMD ["worker"]

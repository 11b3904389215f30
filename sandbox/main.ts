// The sandbox: every stand-in for an outside system, in one process on loopback.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Part, serveControl } from './lib/control.ts';
import { rememberPorts } from './lib/ports.ts';
import { type Start, standIn } from './lib/stand-in.ts';
import { Store } from './lib/store.ts';

const HOST = '127.0.0.1';
/** In this order, as each is told the settings of those before it: the CA asks the DNS server. */
const SYSTEMS = ['powerdns', 'proxmox', 'registrar', 'acme', 'stripe', 'mail', 'vies'];

const dir = process.env.SANDBOX_DIR ?? '.data/sandbox';
mkdirSync(dir, { recursive: true });
const store = new Store(join(dir, 'sandbox.sqlite'));
const api = URL.parse(process.env.SANDBOX_WEBHOOK_URL ?? '');
const ports = rememberPorts(join(dir, 'ports.json'), HOST, Number(api?.port));

const parts = new Map<string, Part>();
let env: Record<string, string> = {};
for (const name of SYSTEMS) {
  const { start } = (await import(`./${name}/index.ts`)) as { start: Start };
  const own = join(dir, name);
  mkdirSync(own, { recursive: true });
  const self = standIn(name, store);
  const running = await start(self, {
    host: HOST,
    port: (use) => ports.take(`${name}.${use}`),
    dir: own,
    speed: Number(process.env.SANDBOX_SPEED ?? 1),
    env: { ...process.env, ...env },
  });
  parts.set(name, { self, running });
  env = { ...env, ...running.env };
}
const control = await serveControl(parts, { host: HOST, port: await ports.take('control') });
announce(join(dir, 'endpoints.json'));

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());

/** Readers see all of it or none. */
function announce(file: string) {
  const each = <T>(of: (part: Part) => T) => Object.fromEntries([...parts].map(([name, part]) => [name, of(part)]));
  const endpoints = {
    controlUrl: control.url,
    /** By system: the settings that point mpanel at its stand-in. */
    env: each(({ running }) => running.env),
    urls: each(({ running }) => running.urls),
  };
  writeFileSync(`${file}.tmp`, `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
}

async function stop() {
  await control.close();
  for (const { running } of [...parts.values()].reverse()) await running.close();
  store.close();
  process.exit(0);
}

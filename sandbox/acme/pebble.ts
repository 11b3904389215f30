import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StandIn, Start, Surroundings } from '../lib/stand-in.ts';
import { findPebble } from './pebble-binary.ts';
import { endLeftover, rememberChild } from './pebble-leftover.ts';
import { makeTls } from './pebble-tls.ts';

const START_MS = 15_000;

/** The genuine Pebble, strict. It keeps nothing: a restart begins with new roots and no accounts. */
export const startPebble: Start = async (self, around) => {
  const binary = await findPebble((line) => console.log(`acme: ${line}`));
  if (!binary) throw new Error('acme: SANDBOX_ACME=pebble needs PEBBLE_PATH, or Go to build it');
  const dir = join(around.dir, 'pebble');
  mkdirSync(dir, { recursive: true });
  await endLeftover(dir);
  const address = `${around.host}:${await portFor(around, 'acme')}`;
  const management = `${around.host}:${await portFor(around, 'acme-management')}`;
  const tls = await makeTls(around.host);
  writeConfig(dir, address, management, tls);
  const child = spawn(binary, ['-strict', '-config', join(dir, 'config.json'), ...dnsServer(around)], {
    env: { PATH: process.env.PATH ?? '', ...pebbleSettings(around) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child, 'spawn');
  rememberChild(dir, child);
  logRequests(self, child);
  const root = await readRoot(child, `https://${management}/roots/0`, tls.certificate);
  const roots = join(around.dir, 'acme-root.pem');
  writeFileSync(roots, root);
  const directory = `https://${address}/dir`;
  return {
    env: { ACME_DIRECTORY_URL: directory, ACME_CA: join(dir, 'tls.pem'), ACME_ROOTS: roots },
    urls: { directory, root: `https://${management}/roots/0` },
    state: () => ({ pebble: binary, pid: child.pid, directory }),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
};

const dnsServer = ({ env }: Surroundings) => (env.DNS_ADDRESS ? ['-dnsserver', env.DNS_ADDRESS] : []);

/** PEBBLE_* of the surroundings go through; validation does not dawdle unless they say so. */
function pebbleSettings({ env }: Surroundings): Record<string, string> {
  const own = Object.entries(env).filter(
    (pair): pair is [string, string] => pair[0].startsWith('PEBBLE_') && !!pair[1],
  );
  return { PEBBLE_VA_NOSLEEP: '1', ...Object.fromEntries(own) };
}

async function portFor(around: Surroundings, use: string): Promise<number> {
  const port = await around.port(use);
  if (port !== 0) return port;
  // Pebble cannot be asked which port it took: find a free one for it.
  const probe = createServer().listen(0, around.host);
  await once(probe, 'listening');
  const found = (probe.address() as { port: number }).port;
  probe.close();
  await once(probe, 'close');
  return found;
}

function writeConfig(dir: string, listenAddress: string, managementListenAddress: string, tls: Tls): void {
  const [certificate, privateKey] = [join(dir, 'tls.pem'), join(dir, 'tls.key')];
  writeFileSync(certificate, tls.certificate);
  writeFileSync(privateKey, tls.key, { mode: 0o600 });
  const retryAfter = { authz: 1, order: 1 };
  const settings = {
    listenAddress,
    managementListenAddress,
    certificate,
    privateKey,
    retryAfter,
    keyAlgorithm: 'ecdsa',
  };
  // Ports of http-01 and tls-alpn-01, which it must have though nobody here uses them.
  const pebble = { ...settings, httpPort: 5002, tlsPort: 5001 };
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ pebble }));
}

type Tls = { key: string; certificate: string };

/** Pebble names the resource of each request in its output: that is its request log. */
function logRequests(self: StandIn, child: ChildProcess): void {
  createInterface(child.stdout!).on('line', (line) => {
    const [, operation] = line.match(/ (\w+ \/\S*) -> calling handler/) ?? [];
    if (operation) self.log.append({ operation, request: undefined, response: undefined });
  });
}

/** Asks until it answers, which also tells that Pebble is up. */
async function readRoot(child: ChildProcess, url: string, ca: string): Promise<string> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      return await get(url, ca);
    } catch (cause) {
      if (child.exitCode !== null) throw new Error(`acme: Pebble ended with code ${child.exitCode}`);
      if (Date.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error('acme: Pebble does not answer', { cause });
      }
      await sleep(50);
    }
  }
}

function get(url: string, ca: string): Promise<string> {
  return new Promise((done, fail) => {
    const call = request(url, { ca, headers: { 'user-agent': 'sandbox' } }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      done(Buffer.concat(chunks).toString('utf8'));
    });
    call.on('error', fail).end();
  });
}

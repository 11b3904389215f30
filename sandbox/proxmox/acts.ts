import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import type { SecureVersion } from 'node:tls';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import { runJob } from './backup-jobs.ts';
import { remove } from './destroy.ts';
import { addDisk } from './disks.ts';
import { type Guest, type Kind, keep, newGuest } from './guest.ts';
import { setKeys } from './identity.ts';
import { move } from './migrate.ts';
import { boot, halt } from './power.ts';
import { GIB, type Storage, type Token } from './things.ts';
import type { World } from './world.ts';

type Body = Record<string, unknown>;
type Act = (body: Body) => unknown;

function guestOf(world: World, body: Body): Guest {
  const guest = world.guests.get(String(body.vmid));
  if (!guest) throw new Error(`no guest ${String(body.vmid)}`);
  return guest;
}

function plant(world: World, body: Body): Guest {
  const kind: Kind = body.kind === 'lxc' ? 'lxc' : 'qemu';
  const name = String(body.name ?? 'foreign');
  const config = { memory: '512', cores: '1', [kind === 'lxc' ? 'hostname' : 'name']: name, ...text(body.config) };
  const described = body.description === undefined ? config : { ...config, description: String(body.description) };
  const guest = newGuest(String(body.vmid), kind, String(body.node ?? 'pve1'), described);
  const disk = kind === 'lxc' ? 'rootfs' : 'scsi0';
  const planted = setKeys(guest, { [disk]: `${addDisk(world, guest, 'local-lvm', 8 * GIB).volid},size=8G` });
  return keep(world, body.running ? boot(planted) : planted);
}

function text(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries((value ?? {}) as Body).map(([key, inner]) => [key, String(inner)]));
}

/** A certificate that no authority stands behind. */
async function selfMade(name: string): Promise<{ key: string; cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned(
    { name: `CN=${name}`, keys, signingAlgorithm: algorithm },
    webcrypto,
  );
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { cert: made.toString('pem'), key };
}

async function breakEdge(world: World, body: Body): Promise<null> {
  const given =
    body.cert && body.key
      ? { cert: String(body.cert), key: String(body.key) }
      : await selfMade(String(body.name ?? 'wrong.example'));
  const oldest = body.oldest as SecureVersion | undefined;
  keep(world, { ...guestOf(world, body), served: { ...given, ...(oldest ? { oldest } : {}) } });
  return null;
}

/**
 * What happens in the cluster behind everybody's back:
 * stop-guest, start-guest, destroy-guest {vmid} · plant-guest {vmid, node, kind, name, description, config, running} ·
 * move-guest {vmid, node} · set-config {vmid, config} (null deletes) · break-edge {vmid, cert, key, oldest} (self-made without; oldest: version of TLS) ·
 * open-port {vmid, port} (something inside listens there) ·
 * set-storage {storage, disabled, nodes, total, …} ·
 * set-token {id, secret, rights: all|read|none} · run-job {id}
 */
export function acts(world: World): Record<string, Act> {
  return {
    'stop-guest': (body) => keep(world, halt(guestOf(world, body))),
    'start-guest': (body) => keep(world, boot(guestOf(world, body))),
    'destroy-guest': (body) => remove(world, String(body.vmid), true),
    'plant-guest': (body) => plant(world, body),
    'move-guest': (body) => move(world, guestOf(world, body).vmid, String(body.node)),
    'set-config': (body) =>
      keep(world, setKeys(guestOf(world, body), (body.config ?? {}) as Record<string, string | null>)),
    'break-edge': (body) => breakEdge(world, body),
    'open-port': (body) => {
      const guest = guestOf(world, body);
      return keep(world, { ...guest, listening: [...(guest.listening ?? []), Number(body.port)] });
    },
    'set-storage': (body) => {
      const name = String(body.storage);
      return world.storages.set(name, { ...world.storages.get(name), ...body } as Storage);
    },
    'set-token': (body) =>
      world.tokens.set(String(body.id), { ...world.tokens.get(String(body.id)), ...body } as Token),
    'run-job': (body) => runJob(world, String(body.id)),
  };
}

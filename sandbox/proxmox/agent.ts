import { createPrivateKey, X509Certificate } from 'node:crypto';
import { PveError } from './error.ts';
import { findGuest, type Guest, keep, nameOf } from './guest.ts';
import { type Context, flag, type Handler, need, type Params, type Routes } from './world.ts';

/** Where the web server inside the VM templates finds its certificate. */
export const CERT_FILE = '/etc/mpanel/tls/fullchain.pem';
export const KEY_FILE = '/etc/mpanel/tls/privkey.pem';

/** Lifelike milliseconds from power on until the agent inside answers. */
const BOOT = 3000;

function reach({ world, operation }: Context, params: Params): Guest {
  const guest = findGuest(world, 'qemu', params);
  if (!/^(1|.*enabled=1)/.test(guest.config.agent ?? '')) throw new PveError('No QEMU guest agent configured');
  if (!guest.running) throw new PveError(`VM ${guest.vmid} is not running`);
  const awake = !guest.running.paused && Date.now() - guest.running.since >= BOOT * world.speed;
  if (!awake || world.faults.switched('agent-never-answers', operation))
    throw new PveError('QEMU guest agent is not running');
  return guest;
}

const asText = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString('utf8');

interface Outcome {
  exitcode: number;
  out: string;
  err: string;
}

/** The web server takes the files as they are now, or says why it cannot and goes on with the old ones. */
export function reload(guest: Guest): [Guest, Outcome] {
  const [key, cert] = [asText(guest.files[KEY_FILE]), asText(guest.files[CERT_FILE])];
  try {
    const fits = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
    if (!fits) throw new Error('key values mismatch');
    return [
      { ...guest, served: { key, cert } },
      { exitcode: 0, out: '', err: '' },
    ];
  } catch (error) {
    return [
      guest,
      {
        exitcode: 1,
        out: '',
        err: `mpanel-edge: cannot load certificate "${CERT_FILE}": ${(error as Error).message}\n`,
      },
    ];
  }
}

function run(guest: Guest, command: string[]): [Guest, Outcome] {
  const line = command.join(' ');
  if (/\breload\b/.test(line)) return reload(guest);
  if (command[0] === 'cat' && command[1]) {
    const file = guest.files[command[1]];
    const err = `cat: ${command[1]}: No such file or directory\n`;
    return [guest, file === undefined ? { exitcode: 1, out: '', err } : { exitcode: 0, out: asText(file), err: '' }];
  }
  return [guest, { exitcode: 0, out: command[0] === 'hostname' ? `${nameOf(guest)}\n` : '', err: '' }];
}

const exec: Handler = (context, params) => {
  const command = params.command;
  const guest = reach(context, params);
  const [changed, outcome] = run(guest, Array.isArray(command) ? command : [String(command)]);
  const pid = 1000 + Object.keys(guest.executed).length;
  keep(context.world, { ...changed, executed: { ...guest.executed, [pid]: outcome } });
  return { pid };
};

const execStatus: Handler = (context, params) => {
  const guest = reach(context, params);
  const outcome = guest.executed[need(params, 'pid')];
  if (!outcome) throw new PveError(`Agent error: Invalid parameter 'pid'`);
  const { exitcode, out, err } = outcome;
  return { exited: 1, exitcode, ...(out ? { 'out-data': out } : {}), ...(err ? { 'err-data': err } : {}) };
};

/** The API encodes the content itself unless told that it comes encoded. */
const fileWrite: Handler = (context, params) => {
  const guest = reach(context, params);
  const encoded =
    params.encode === '0' ? need(params, 'content') : Buffer.from(need(params, 'content'), 'utf8').toString('base64');
  keep(context.world, { ...guest, files: { ...guest.files, [need(params, 'file')]: encoded } });
  return null;
};

const fileRead: Handler = (context, params) => {
  const file = reach(context, params).files[need(params, 'file')];
  if (file === undefined)
    throw new PveError(`Agent error: Failed to open file '${need(params, 'file')}': No such file or directory`);
  const content = asText(file);
  return { content, 'bytes-read': Buffer.byteLength(content) };
};

const setPassword: Handler = (context, params) => {
  const guest = reach(context, params);
  keep(context.world, {
    ...guest,
    password: `${flag(params, 'crypted') ? 'crypted:' : ''}${need(params, 'password')}`,
  });
  return { result: {} };
};

/** The address the VM took at its last boot, without the prefix. */
export function liveAddress(guest: Guest): { address: string; prefix: number } | undefined {
  const [, address, prefix] = /(?:^|,)ip=([0-9.]+)\/(\d+)/.exec(guest.running?.config.ipconfig0 ?? '') ?? [];
  return address ? { address, prefix: Number(prefix) } : undefined;
}

const interfaces: Handler = (context, params) => {
  const guest = reach(context, params);
  const live = liveAddress(guest);
  const mac = /([0-9A-F]{2}(:[0-9A-F]{2}){5})/i.exec(guest.config.net0 ?? '')?.[1]?.toLowerCase();
  const ip = (at: string, prefix: number) => ({ 'ip-address': at, 'ip-address-type': 'ipv4', prefix });
  const loopback = { name: 'lo', 'hardware-address': '00:00:00:00:00:00', 'ip-addresses': [ip('127.0.0.1', 8)] };
  const card = {
    name: 'eth0',
    'hardware-address': mac ?? '',
    'ip-addresses': live ? [ip(live.address, live.prefix)] : [],
  };
  return { result: [loopback, card] };
};

const ask =
  (answer: (guest: Guest) => unknown): Handler =>
  (context, params) => ({ result: answer(reach(context, params)) });
const agent = (method: string, name: string) => `${method} /nodes/{node}/qemu/{vmid}/agent/${name}`;

export const agentRoutes: Routes = {
  [agent('POST', 'ping')]: ask(() => ({})),
  [agent('GET', 'get-host-name')]: ask((guest) => ({ 'host-name': nameOf(guest) })),
  [agent('GET', 'get-osinfo')]: ask(() => ({
    id: 'debian',
    name: 'Debian GNU/Linux',
    version: '12 (bookworm)',
    machine: 'x86_64',
  })),
  [agent('POST', 'exec')]: exec,
  [agent('GET', 'exec-status')]: execStatus,
  [agent('POST', 'file-write')]: fileWrite,
  [agent('GET', 'file-read')]: fileRead,
  [agent('POST', 'set-user-password')]: setPassword,
  [agent('GET', 'network-get-interfaces')]: interfaces,
};

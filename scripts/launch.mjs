// node scripts/launch.mjs <script.ts> [arguments]: runs a script of ours on a bare machine with Node >= 20 and npm.
// Plain JavaScript without dependencies, since it runs before there are any. It brings Node 24 and the packages of
// package-lock.json, both once, then hands over: same arguments, same terminal, same signals, same exit code.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE = '24.21.0';
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const CACHE = join(ROOT, '.cache');

/** Runs a command quietly, with a line for a wait of more than a second and its output where it fails. */
async function step(label, usual, command, args, env) {
  const since = Date.now();
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const first = setTimeout(() => console.log(`${label} (usually ${usual}, once) …`), 1000);
  const tick = setInterval(() => console.log(`  … ${Math.round((Date.now() - since) / 1000)} s`), 10_000);
  const code = await new Promise((done) => {
    child.once('error', (error) => done(error.message));
    child.once('close', done);
  });
  clearTimeout(first);
  clearInterval(tick);
  if (code !== 0) throw new Error(`${label} failed (${code}):\n${output.trim()}`);
}

/** @returns path of a Node that runs .ts files as they are */
async function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const home = join(CACHE, `node-${NODE}`);
  const platform = `${process.platform}-${process.arch}`;
  const places = [`node-${platform}`, `node-bin-${platform}`];
  const found = () =>
    places.map((name) => join(home, 'node_modules', name, 'bin', 'node')).find((path) => existsSync(path));
  let refused;
  for (const name of places) {
    if (found()) break;
    mkdirSync(home, { recursive: true });
    const args = [
      'install',
      '--prefix',
      home,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-save',
      `${name}@${NODE}`,
    ];
    await step(`Fetching Node ${NODE}, this is ${process.version}`, '20 s', 'npm', args, process.env).catch((error) => {
      refused = error;
    });
  }
  const node = found();
  if (!node)
    throw new Error(
      `Node 24 is needed, this is ${process.version}: install it, or let npm fetch it.\n${refused?.message}`,
    );
  return node;
}

/** Whether node_modules is what package-lock.json says; npm writes its own account of it last. */
function installed() {
  const account = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(account)) return false;
  const have = JSON.parse(readFileSync(account, 'utf8')).packages;
  const want = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(want).every(
    ([path, { version, optional }]) => path === '' || (have[path] ? have[path].version === version : optional),
  );
}

/** One installer at a time, also where two instances start on a fresh clone; a lock whose owner is gone is taken over. */
async function alone(work) {
  const lock = join(CACHE, 'install.lock');
  mkdirSync(CACHE, { recursive: true });
  while (!take(lock)) {
    if (!alive(Number(readFileSync(lock, 'utf8')))) rmSync(lock, { force: true });
    else await new Promise((done) => setTimeout(done, 500));
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function hand(node, args, env) {
  // The channel tells the script when this process is gone, however it went.
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: ROOT,
    env,
    stdio: [0, 1, 2, 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

try {
  const [script, ...args] = process.argv.slice(2);
  if (!script) throw new Error('usage: node scripts/launch.mjs <script.ts> [arguments]');
  const { node, env } = await alone(async () => {
    const node = await ensureNode();
    const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
    if (!installed())
      await step('Installing npm packages', '30 s', 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], env);
    return { node, env };
  });
  hand(node, [join(ROOT, script), ...args], env);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

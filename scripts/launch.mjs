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

const NODE_HOME = join(CACHE, `node-${NODE}`);
/** The npm packages that hold nothing but Node, by their two ways of naming. */
const NODE_PACKAGES = ['node', 'node-bin'].map((name) => `${name}-${process.platform}-${process.arch}`);

/** A Node that runs .ts files as they are, if there is one; npm's own account of an installation is written last. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  if (!existsSync(join(NODE_HOME, 'node_modules', '.package-lock.json'))) return undefined;
  return NODE_PACKAGES.map((name) => join(NODE_HOME, 'node_modules', name, 'bin', 'node')).find((path) =>
    existsSync(path),
  );
}

async function fetchNode() {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
  const label = `Fetching Node ${NODE}, this is ${process.version}`;
  mkdirSync(NODE_HOME, { recursive: true });
  let refused = '';
  for (const name of NODE_PACKAGES) {
    const args = ['install', '--prefix', NODE_HOME, ...flags, `${name}@${NODE}`];
    await step(label, '20 s', 'npm', args, process.env).catch((error) => {
      refused = error.message;
    });
    if (findNode()) return;
  }
  throw new Error(`Node 24 is needed, this is ${process.version}: install it, or let npm fetch it.\n${refused}`);
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

const NPM_CI = ['ci', '--include=dev', '--no-audit', '--no-fund'];

/** This environment with that Node first on PATH, so that npm and whatever else says `node` mean it. */
function withNode() {
  return { ...process.env, PATH: `${dirname(findNode())}${delimiter}${process.env.PATH}` };
}

/** One installer at a time, also where two instances start on a fresh clone; a lock whose owner is gone is taken over. */
async function alone(work) {
  const lock = join(CACHE, 'install.lock');
  mkdirSync(CACHE, { recursive: true });
  while (!take(lock)) {
    if (existsSync(lock) && !alive(Number(readFileSync(lock, 'utf8')))) rmSync(lock, { force: true });
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
  whenNpmIsGone(() => child.kill('SIGTERM'));
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

/**
 * npm runs us through a shell, which does not hand signals on: SIGTERM to npm ends npm and that shell and leaves us. So
 * the end of either counts as one.
 */
function whenNpmIsGone(stop) {
  if (!process.env.npm_lifecycle_event) return;
  const shell = process.ppid;
  const npm = parentOf(shell);
  const watch = setInterval(() => {
    if (process.ppid === shell && (!npm || alive(npm))) return;
    clearInterval(watch);
    stop();
  }, 250);
  watch.unref();
}

/** The npm above that shell; none where the shell has become us and its parent is npm itself. */
function parentOf(pid) {
  const stat = `/proc/${pid}/stat`;
  if (!existsSync(stat)) return undefined;
  const [, parent] = /.*\) \S (\d+)/s.exec(readFileSync(stat, 'utf8')) ?? [];
  return readFileSync(`/proc/${parent}/cmdline`, 'utf8').includes('npm') ? Number(parent) : undefined;
}

try {
  const [script, ...args] = process.argv.slice(2);
  if (!script) throw new Error('usage: node scripts/launch.mjs <script.ts> [arguments]');
  if (!(findNode() && installed()))
    await alone(async () => {
      if (!findNode()) await fetchNode();
      if (!installed()) await step('Installing npm packages', '30 s', 'npm', NPM_CI, withNode());
    });
  hand(findNode(), [join(ROOT, script), ...args], withNode());
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

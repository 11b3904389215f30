import type { Faults } from '../lib/faults.ts';
import type { Collection, Store } from '../lib/store.ts';
import type { Guest } from './guest.ts';
import { Tasks } from './tasks.ts';
import type { Job, Node, Pool, Storage, Token, Volume } from './things.ts';

/** What of PVE's history the cluster plays; parameters are those of 9.1 in both. */
export type Version = '8.4' | '9.1';

/** Everything this cluster is and remembers. Times are milliseconds since the epoch unless PVE shows them in seconds. */
export interface World {
  readonly version: Version;
  readonly speed: number;
  readonly faults: Faults;
  readonly nodes: Collection<Node>;
  readonly storages: Collection<Storage>;
  readonly volumes: Collection<Volume>;
  readonly guests: Collection<Guest>;
  readonly jobs: Collection<Job>;
  readonly pools: Collection<Pool>;
  readonly tokens: Collection<Token>;
  readonly ha: Collection<{ sid: string; state: string; digest: string }>;
  readonly options: Collection<Record<string, string>>;
  readonly tasks: Tasks;
  /** Guests whose outward face may have changed since the last look. */
  readonly stirred: Set<string>;
  /** Brings everything up to the present moment. */
  settle(): void;
}

interface Given {
  speed: number;
  version: Version;
  settle: (world: World) => void;
}

export function createWorld(store: Store, faults: Faults, { speed, version, settle }: Given): World {
  const of = <T>(name: string) => store.collection<T>(`proxmox.${name}`);
  const world: World = {
    speed,
    version,
    faults,
    nodes: of('nodes'),
    storages: of('storages'),
    volumes: of('volumes'),
    guests: of('guests'),
    jobs: of('jobs'),
    pools: of('pools'),
    tokens: of('tokens'),
    ha: of('ha'),
    options: of('options'),
    tasks: new Tasks(of('tasks'), of('counters'), faults, speed),
    stirred: new Set(),
    settle: () => settle(world),
  };
  return world;
}

/** What a handler knows about the call it answers. */
export interface Context {
  readonly world: World;
  /** `user@realm!token` */
  readonly user: string;
  /** "METHOD /path" as faults match it. */
  readonly operation: string;
}

/** Parameters after verification: text (booleans as 0 and 1), or a list where the schema says array. */
export type Params = Readonly<Record<string, string | string[]>>;
export type Handler = (context: Context, params: Params) => unknown;
export type Routes = Record<string, Handler>;

/** One text parameter; undefined where it was not sent. */
export function str(params: Params, name: string): string | undefined {
  const value = params[name];
  return typeof value === 'string' ? value : undefined;
}

export const flag = (params: Params, name: string) => params[name] === '1';
export const need = (params: Params, name: string) => str(params, name) ?? '';
export const seconds = (ms: number) => Math.floor(ms / 1000);

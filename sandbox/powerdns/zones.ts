import type { Collection, Store } from '../lib/store.ts';
import type { Cryptokey } from './cryptokeys.ts';
import { ancestors, isBelow } from './names.ts';

export interface Zone {
  name: string;
  kind: string;
  account: string;
  masters: string[];
  soaEdit: string;
  soaEditApi: string;
  apiRectify: boolean;
  keys: Cryptokey[];
}

export interface Row {
  content: string;
  disabled: boolean;
}

/** All rows of one name and type. A list of rows, not a set: what two PATCHes at once do to it must be showable. */
export interface Rrset {
  zone: string;
  name: string;
  type: string;
  ttl: number;
  records: Row[];
}

type Types = Map<string, Rrset>;

/** The zones and their rrsets, looked up by name; rrsets are kept one by one, so a change costs what it changes. */
export class Zones {
  readonly #store: Store;
  readonly #zones: Collection<Zone>;
  readonly #kept: Collection<Rrset>;
  readonly #index = new Map<string, Map<string, Types>>();

  constructor(store: Store) {
    this.#store = store;
    this.#zones = store.collection<Zone>('powerdns.zones');
    this.#kept = store.collection<Rrset>('powerdns.rrsets');
    for (const zone of this.#zones.values()) this.#index.set(zone.name, new Map());
    for (const rrset of this.#kept.values()) this.#remember(rrset);
  }

  list(): Zone[] {
    return this.#zones.values();
  }

  get(name: string): Zone | undefined {
    return this.#zones.get(name);
  }

  /** The zone and these rrsets; all or nothing through a crash as well. */
  save(zone: Zone, rrsets: Rrset[]): void {
    this.#atomically(() => {
      this.#zones.set(zone.name, zone);
      if (!this.#index.has(zone.name)) this.#index.set(zone.name, new Map());
      for (const rrset of rrsets) this.#put(rrset);
    });
  }

  delete(name: string): boolean {
    return this.#atomically(() => {
      for (const rrset of this.rrsets(name)) this.#kept.delete(keyOf(rrset));
      this.#index.delete(name);
      return this.#zones.delete(name);
    });
  }

  rrsets(zone: string): Rrset[] {
    return [...(this.#index.get(zone)?.values() ?? [])].flatMap((types) => [...types.values()]);
  }

  at(zone: string, name: string): Rrset[] {
    return [...(this.#index.get(zone)?.get(name)?.values() ?? [])];
  }

  find(zone: string, name: string, type: string): Rrset | undefined {
    return this.#index.get(zone)?.get(name)?.get(type);
  }

  /** Whether the name owns records or stands above one that does (an empty non-terminal, RFC 4592 2.2.2). */
  exists(zone: string, name: string): boolean {
    const names = this.#index.get(zone);
    if (!names) return false;
    return names.has(name) || [...names.keys()].some((other) => isBelow(other, name));
  }

  /** The most specific zone that holds the name. */
  enclosing(name: string): Zone | undefined {
    for (const ancestor of ancestors(name)) {
      const zone = this.#zones.get(ancestor);
      if (zone) return zone;
    }
    return undefined;
  }

  #put(rrset: Rrset): void {
    if (rrset.records.length > 0) {
      this.#kept.set(keyOf(rrset), rrset);
      this.#remember(rrset);
      return;
    }
    this.#kept.delete(keyOf(rrset));
    const names = this.#index.get(rrset.zone);
    const types = names?.get(rrset.name);
    types?.delete(rrset.type);
    if (types?.size === 0) names?.delete(rrset.name);
  }

  #remember(rrset: Rrset): void {
    const names = this.#index.get(rrset.zone);
    const types = names?.get(rrset.name) ?? new Map<string, Rrset>();
    types.set(rrset.type, rrset);
    names?.set(rrset.name, types);
  }

  #atomically<T>(write: () => T): T {
    this.#store.db.exec('BEGIN');
    const result = write();
    this.#store.db.exec('COMMIT');
    return result;
  }
}

function keyOf(rrset: Rrset): string {
  return `${rrset.zone} ${rrset.name} ${rrset.type}`;
}

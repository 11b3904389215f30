import type { TransactionIds } from './records.ts';
import type { Registry } from './registry.ts';
import { type Reply, refuse } from './result.ts';
import type { Element } from './xml.ts';

/** One command on its way through the registry. */
export interface Context {
  registry: Registry;
  account: string;
  /** The command's element: create, transfer and so on. */
  verb: Element;
  /** The object's element inside the verb: domain:create and so on; for poll the verb again. */
  element: Element;
  /** What stands in the command's extension. */
  extensions: Element[];
  transaction: TransactionIds;
  /** Factor on what takes the registry time. */
  speed: number;
  /** Whether the client said at login that it reads this extension. */
  understands(extension: string): boolean;
  /** Whether a behaviour is switched on for this command; counts it down. */
  switched(name: string): { data: unknown } | undefined;
  /** Has the registry decide about a pending create when its time has come. */
  decideLater(name: string): void;
}

export type Handler = (context: Context) => Reply;

/** Refuses to touch what somebody else sponsors. */
export function own<T extends { sponsor: string }>(context: Context, object: T): T {
  return object.sponsor === context.account ? object : refuse(2201, 'the object has another sponsor');
}

/** Refuses while one of these statuses is set, or anything is pending. */
export function permits(object: { statuses: string[] }, operation: 'Update' | 'Delete' | 'Renew' | 'Transfer'): void {
  const prohibiting = object.statuses.find(
    (status) =>
      status.startsWith('pending') ||
      status === `client${operation}Prohibited` ||
      status === `server${operation}Prohibited`,
  );
  if (prohibiting) refuse(2304, prohibiting);
}

/** The statuses after an update; only client statuses are a client's to set. */
export function changedStatuses(
  current: string[],
  added: string[],
  removed: string[],
  allowed: readonly string[],
): string[] {
  const strange = [...added, ...removed].find((status) => !allowed.includes(status));
  if (strange !== undefined) refuse(2306, `status '${strange}' is not the client's to change`);
  return [...new Set([...current.filter((status) => !removed.includes(status)), ...added])];
}

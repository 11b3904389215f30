import { Refused, Status } from './refused.ts';

export type Document = Record<string, unknown>;

/** The request's JSON object. Empty, malformed or `null` is a 400 (ws-auth.cc HttpRequest::json). */
export function parseDocument(body: Buffer): Document {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (parsed !== null && typeof parsed === 'object') return parsed as Document;
  } catch {
    throw new Status(400);
  }
  throw new Status(400);
}

export function textOf(from: Document, key: string): string {
  const value = from[key];
  if (typeof value !== 'string') throw new Refused(`Key '${key}' not present or not a String`);
  return value;
}

export function integerOf(from: Document, key: string): number {
  const value = typeof from[key] === 'string' ? Number.parseInt(from[key], 10) : from[key];
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new Refused(`Key '${key}' not an Integer or not present`);
  return value;
}

export function flagOf(from: Document, key: string, otherwise: boolean): boolean {
  const value = from[key];
  return typeof value === 'boolean' ? value : otherwise;
}

/** The objects of a list; anything else in it, or no list, is an empty one. */
export function objectsOf(from: Document, key: string): Document[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter((item) => item !== null && typeof item === 'object') : [];
}

import { invalid } from './error.ts';
import type { Form } from './form.ts';

/** Reads one parameter, or refuses it as Stripe does. `at` is its name in bracket notation. */
export type Read<T> = (value: Form, at: string) => T;
/** What a reader reads. */
export type Given<R> = R extends Read<infer T> ? T : never;
type Field<T> = (value: Form | undefined, at: string) => T;

/** The parameter may be left out. */
export const may =
  <T>(read: Read<T>): Field<T | undefined> =>
  (value, at) =>
    value === undefined ? undefined : read(value, at);

/** The parameter must be there. */
export const must =
  <T>(read: Read<T>): Field<T> =>
  (value, at) => {
    if (value === undefined) throw invalid(`Missing required param: ${at}.`, at, 'parameter_missing');
    return read(value, at);
  };

/** An object with these fields and no others. */
export const shape =
  <S extends Record<string, Field<unknown>>>(known: S): Read<{ [K in keyof S]: ReturnType<S[K]> }> =>
  (value, at) => {
    if (typeof value === 'string') throw invalid('Invalid object', at);
    const inside = (name: string) => (at ? `${at}[${name}]` : name);
    const unknown = Object.keys(value).filter((name) => !Object.hasOwn(known, name));
    if (unknown[0] !== undefined) throw unknownParameters(unknown.map(inside));
    const read = Object.entries(known).map(([name, field]) => [name, field(value[name], inside(name))]);
    return Object.fromEntries(read) as { [K in keyof S]: ReturnType<S[K]> };
  };

function unknownParameters(names: string[]) {
  const message = `Received unknown parameter${names.length > 1 ? 's' : ''}: ${names.join(', ')}`;
  return invalid(message, names[0], 'parameter_unknown');
}

export const list =
  <T>(read: Read<T>): Read<T[]> =>
  (value, at) => {
    if (typeof value === 'string') throw invalid('Invalid array', at);
    return Object.values(value).map((item, index) => read(item, `${at}[${index}]`));
  };

export const text =
  (max = 5000): Read<string> =>
  (value, at) => {
    if (typeof value !== 'string') throw invalid(`Invalid string: ${JSON.stringify(value)}`, at);
    if (value === '') throw emptyText(at);
    if (value.length > max)
      throw invalid(`Invalid string: ${value.slice(0, 20)}...; must be at most ${max} characters`, at);
    return value;
  };

function emptyText(at: string) {
  const why = `You passed an empty string for '${at}'. We assume empty values are an attempt to unset a parameter; however '${at}' cannot be unset.`;
  return invalid(
    `${why} You should remove '${at}' from your request or supply a non-empty value.`,
    at,
    'parameter_invalid_empty',
  );
}

export const integer =
  (least = Number.MIN_SAFE_INTEGER): Read<number> =>
  (value, at) => {
    if (typeof value !== 'string' || !/^-?\d{1,15}$/.test(value))
      throw invalid(`Invalid integer: ${String(value)}`, at, 'parameter_invalid_integer');
    if (Number(value) < least) {
      const kind = least === 1 ? 'positive' : 'non-negative';
      throw invalid(`Invalid ${kind} integer`, at, 'parameter_invalid_integer');
    }
    return Number(value);
  };

export const flag: Read<boolean> = (value, at) => {
  if (value !== 'true' && value !== 'false') throw invalid(`Invalid boolean: ${String(value)}`, at);
  return value === 'true';
};

export const oneOf =
  <const T extends string>(...values: T[]): Read<T> =>
  (value, at) => {
    const found = values.find((each) => each === value);
    if (found) return found;
    const names = values.length > 1 ? `one of ${values.slice(0, -1).join(', ')} or ${values.at(-1)}` : values[0];
    throw invalid(`Invalid ${at}: must be ${names}`, at);
  };

export const url: Read<string> = (value, at) => {
  const given = text()(value, at);
  if (!/^https?:\/\/[^/\s]+/.test(given)) throw invalid('Not a valid URL', at, 'url_invalid');
  return given;
};

export const email: Read<string> = (value, at) => {
  const given = text(512)(value, at);
  if (!/^[^\s@]+@[^\s@]+$/.test(given)) throw invalid(`Invalid email address: ${given}`, at, 'email_invalid');
  return given;
};

/** At most 50 keys of 40 characters with values of 500: docs.stripe.com/api/metadata. */
export const metadata: Read<Record<string, string>> = (value, at) => {
  if (value === '') return {};
  if (typeof value === 'string') throw invalid('Invalid object', at);
  const entries = Object.entries(value);
  if (entries.length > 50) throw invalid('Metadata can have up to 50 keys', at);
  for (const [key, given] of entries) checkMetadata(key, given, at);
  return { ...value } as Record<string, string>;
};

function checkMetadata(key: string, given: Form, at: string) {
  if (typeof given !== 'string') throw invalid('Metadata values must be strings', `${at}[${key}]`);
  if (key.length > 40)
    throw invalid(
      `Metadata keys can have up to 40 characters, but you passed in a key that is ${key.length} characters. Invalid key: ${key}`,
      at,
    );
  if (given.length > 500)
    throw invalid(
      `Metadata values can have up to 500 characters, but you passed in a value that is ${given.length} characters. Invalid value: ${given}`,
      `${at}[${key}]`,
    );
}

/** A range over a timestamp: `created=1` or `created[gte]=1`. */
export const range: Read<(at: number) => boolean> = (value, at) => {
  if (typeof value === 'string') {
    const exact = integer()(value, at);
    return (time) => time === exact;
  }
  const { gt, gte, lt, lte } = shape({
    gt: may(integer()),
    gte: may(integer()),
    lt: may(integer()),
    lte: may(integer()),
  })(value, at);
  return (time) =>
    (gt === undefined || time > gt) &&
    (gte === undefined || time >= gte) &&
    (lt === undefined || time < lt) &&
    (lte === undefined || time <= lte);
};

import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { inWords } from '../../runtime/issue-words.ts';

const said = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value, { error: inWords }).error?.issues.map(({ message }) => message);

const UNION = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('square') }),
  z.strictObject({ kind: z.literal('circle') }),
]);

test.each([
  ['what is missing', z.strictObject({ name: z.string() }), {}, 'is needed'],
  ['a choice not made', z.strictObject({ role: z.enum(['a', 'b']) }), {}, 'is needed'],
  ['a number for text', z.string(), 7, 'must be text, not a number'],
  ['text for a number', z.number(), '7', 'must be a number, not text'],
  ['nothing for a list', z.array(z.string()), null, 'must be a list, not null'],
  ['a list for an object', z.strictObject({}), [], 'must be an object, not a list'],
  ['half of one', z.int(), 1.5, 'must be a whole number, not 1.5'],
  ['letters in a setting', z.coerce.number(), 'abc', 'must be a number'],
  ['a field too many', z.strictObject({}), { colour: 1, size: 2 }, 'there is no field colour, size here'],
  ['another choice', z.enum(['monthly', 'yearly']), 'daily', 'must be one of monthly, yearly'],
  ['a kind not told', UNION, { sides: 1 }, 'is needed'],
  ['a kind that there is not', UNION, { kind: 'oval' }, 'must be one of square, circle'],
  ['more than there is', z.number(), Number.POSITIVE_INFINITY, 'must be a number'],
  ['another constant', z.literal('me'), 'you', 'must be me'],
  ['no address', z.email(), 'me', 'must be an e-mail address'],
  ['no id', z.uuid(), '7', 'must be an id (UUID)'],
  ['empty text', z.string().min(1), '', 'must not be empty'],
  ['short text', z.string().min(12), 'short', 'must have at least 12 characters'],
  ['long text', z.string().max(3), 'long', 'must have at most 3 characters'],
  ['text of another length', z.string().length(2), 'usa', 'must have exactly 2 characters'],
  ['an empty list', z.array(z.string()).min(1), [], 'must have at least 1 entries'],
  ['too much', z.number().max(200), 201, 'must be at most 200'],
  ['nought', z.number().positive(), 0, 'must be more than 0'],
  ['what has words of its own', z.string('is the name of it'), 7, 'is the name of it'],
])('%s', (_, schema, value, words) => {
  expect(said(schema, value)).toEqual([words]);
});

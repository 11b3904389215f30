import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common';
import { createKeyRing } from '../../runtime/keys.ts';
import { createPayloadCodec, decodePayloads } from '../../runtime/payloads.ts';
import { failureConverter } from '../../workflows/failure-converter.ts';

const key = () => randomBytes(32).toString('base64');
const [first, second] = [key(), key()];
const codec = createPayloadCodec(createKeyRing(first));
const payload = (value: unknown) => defaultPayloadConverter.toPayload(value) as Payload;
const text = ({ data }: Payload) => Buffer.from(data ?? []).toString('latin1');

test('a payload is not readable on its way, and the same afterwards', async () => {
  const clear = payload({ jobId: 'a', note: 'Größe' });
  const [closed] = await codec.encode([clear]);
  expect(text(closed!)).not.toContain('jobId');
  expect(Buffer.from(closed!.metadata!.encoding!).toString()).toBe('binary/encrypted');
  const [opened] = await codec.decode([closed!]);
  expect(defaultPayloadConverter.fromPayload(opened!)).toEqual({ jobId: 'a', note: 'Größe' });
});

test('no data, bytes and undefined come through', async () => {
  for (const value of [undefined, null, new Uint8Array([0, 1, 255])]) {
    const [opened] = await codec.decode(await codec.encode([payload(value)]));
    expect(defaultPayloadConverter.fromPayload(opened!)).toEqual(value);
  }
});

test('a key before opens what it closed; a payload that was never encrypted stays what it is', async () => {
  const [closed] = await codec.encode([payload('x')]);
  const rotated = createPayloadCodec(createKeyRing(second, [first]));
  const [old, plain] = await rotated.decode([closed!, payload('plain')]);
  expect([old, plain].map((one) => defaultPayloadConverter.fromPayload(one!))).toEqual(['x', 'plain']);
});

test('a key that is not there is named', async () => {
  const [closed] = await codec.encode([payload('x')]);
  const other = createPayloadCodec(createKeyRing(second));
  await expect(other.decode([closed!])).rejects.toThrow(`sealed with the key ${createKeyRing(first).current.id}`);
});

test('the text and the stack of a failure are in a payload, its cause’s too', () => {
  const error = ApplicationFailure.create({ message: 'hunter2', type: 'Refused', cause: new Error('hunter3') });
  const failure = failureConverter.errorToFailure(error, defaultPayloadConverter);
  const { encodedAttributes, ...outside } = failure;
  expect(outside).toMatchObject({ message: 'Encoded failure', applicationFailureInfo: { type: 'Refused' } });
  const { encodedAttributes: inner, ...cause } = failure.cause!;
  expect(JSON.stringify({ ...outside, cause })).not.toContain('hunter');
  expect(text(encodedAttributes!) + text(inner!)).toMatch(/hunter2.*hunter3/s);
  expect(failureConverter.failureToError(failure, defaultPayloadConverter)).toMatchObject({ message: 'hunter2' });
});

test('a history is decoded wherever it holds payloads, and nothing else of it changes', async () => {
  const [input, summary] = await codec.encode([payload({ a: 1 }), payload('words')]);
  const event = (inputs: Payload[], words: Payload) => ({
    eventId: { low: 1, high: 0, unsigned: false },
    workflowExecutionStartedEventAttributes: { input: { payloads: inputs } },
    userMetadata: { summary: words },
  });
  const decoded = await decodePayloads({ events: [event([input!], summary!)] }, codec);
  expect(decoded).toEqual({ events: [event([payload({ a: 1 })], payload('words'))] });
});

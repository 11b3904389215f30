import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { start } from '../../../sandbox/registrar/index.ts';
import { framesOf, schemaErrors } from '../../support/epp-schemas.ts';
import { startStandIn } from '../../support/sandbox.ts';
import { type Client, codeOf, command, epp, loggedIn, object } from './client.ts';

let sandbox: Awaited<ReturnType<typeof startStandIn>>;
let client: Client;

beforeAll(async () => {
  sandbox = await startStandIn('registrar', start, { rude: true });
  client = await loggedIn(sandbox.env);
});
afterAll(async () => {
  client.close();
  await sandbox.close();
});

const authInfo = (kind: string) => `<${kind}:authInfo><${kind}:pw>secret-1</${kind}:pw></${kind}:authInfo>`;
const postal =
  '<contact:postalInfo type="int"><contact:name>Ada</contact:name><contact:org>AE</contact:org><contact:addr><contact:street>1</contact:street>' +
  '<contact:city>London</contact:city><contact:sp>L</contact:sp><contact:pc>SW1</contact:pc><contact:cc>GB</contact:cc></contact:addr></contact:postalInfo>' +
  '<contact:voice>+44.20</contact:voice><contact:email>ada@example.com</contact:email>';
const ns = '<domain:ns><domain:hostObj>ns1.dns.invalid</domain:hostObj></domain:ns>';

/** One good frame of each command, with all the parts that the server knows. */
const SAMPLES = [
  object('domain', 'check', '<domain:name>a.test</domain:name>'),
  object('domain', 'info', `<domain:name hosts="all">a.test</domain:name>${authInfo('domain')}`),
  object(
    'domain',
    'create',
    `<domain:name>a.test</domain:name><domain:period unit="y">1</domain:period>${ns}<domain:registrant>ADA-1</domain:registrant>` +
      `<domain:contact type="tech">ADA-1</domain:contact>${authInfo('domain')}`,
  ),
  object(
    'domain',
    'update',
    `<domain:name>a.test</domain:name><domain:add>${ns}<domain:status s="clientHold"/></domain:add><domain:rem>${ns}</domain:rem>` +
      `<domain:chg><domain:registrant>ADA-1</domain:registrant>${authInfo('domain')}</domain:chg>`,
  ),
  object(
    'domain',
    'renew',
    '<domain:name>a.test</domain:name><domain:curExpDate>2027-01-01</domain:curExpDate><domain:period unit="y">1</domain:period>',
  ),
  object('domain', 'transfer', `<domain:name>a.test</domain:name>${authInfo('domain')}`, ' op="request"'),
  object('domain', 'delete', '<domain:name>a.test</domain:name>'),
  object('contact', 'check', '<contact:id>ADA-1</contact:id>'),
  object('contact', 'info', '<contact:id>ADA-1</contact:id>'),
  object('contact', 'create', `<contact:id>ADA-1</contact:id>${postal}${authInfo('contact')}`),
  object('contact', 'update', `<contact:id>ADA-1</contact:id><contact:chg>${postal}</contact:chg>`),
  object('contact', 'delete', '<contact:id>ADA-1</contact:id>'),
  object('host', 'check', '<host:name>ns1.dns.invalid</host:name>'),
  object('host', 'info', '<host:name>ns1.dns.invalid</host:name>'),
  object('host', 'create', '<host:name>ns1.dns.invalid</host:name><host:addr ip="v4">127.64.0.1</host:addr>'),
  object(
    'host',
    'update',
    '<host:name>ns1.dns.invalid</host:name><host:add><host:addr ip="v4">127.64.0.1</host:addr></host:add>',
  ),
  object('host', 'delete', '<host:name>ns1.dns.invalid</host:name>'),
  '<poll op="ack" msgID="1"/>',
].map(command);

/** Ways to break a frame: each element left out, renamed, doubled or emptied; each attribute dropped or made strange; each text overlong. */
function* mutants(frame: string): Generator<string> {
  for (const { 0: whole, 1: name, index } of frame.matchAll(/<((?:\w+:)\w+)[^>]*?(?:\/>|>[^<]*<\/\1>)/g)) {
    const replaced = (by: string) => frame.slice(0, index) + by + frame.slice(index + whole.length);
    yield replaced('');
    yield replaced(whole.replaceAll(name!, `${name}x`));
    yield replaced(whole + whole);
    yield replaced(whole.replace(/>[^<]*</, '><'));
    yield replaced(whole.replace(/>[^<]*</, `>${'9'.repeat(300)}<`));
    yield replaced(whole.replace(/ \w+="[^"]*"/, ''));
    yield replaced(whole.replace(/="[^"]*"/, '="strange"'));
  }
  yield frame.replace('<clTRID>', '<clTRID>x</clTRID><clTRID>');
  yield frame.replace('TEST-1', 'x');
}

/** Codes that say a frame is not formed as it must be. */
const MALFORMED = [2000, 2001, 2003, 2004, 2005, 2101, 2306, 2307];

test('whatever the schemas refuse the server refuses; what they allow is no syntax error to it', async () => {
  const all = [...new Set(SAMPLES.flatMap((sample) => [...mutants(sample)]))].filter(
    (mutant) => !SAMPLES.includes(mutant),
  );
  const verdicts = await schemaErrors(all);
  expect(verdicts.filter((error) => error !== '').length).toBeGreaterThan(150);
  const disagreements: string[] = [];
  for (const [at, frame] of all.entries()) {
    const code = codeOf(await client.send(frame));
    const agrees = verdicts[at] === '' ? code !== 2001 : MALFORMED.includes(code);
    if (!agrees) disagreements.push(`${code} ${verdicts[at] || 'valid'}\n${frame}`);
  }
  expect(disagreements).toEqual([]);
});

test('the good frames are good to both', async () => {
  expect((await schemaErrors(SAMPLES)).filter((error) => error !== '')).toEqual([]);
  for (const sample of SAMPLES) expect([2000, 2001, 2005]).not.toContain(codeOf(await client.send(sample)));
});

test.each([
  ['no XML', 'hello?', 2001],
  ['tags that do not match', epp('<command><check></command>'), 2001],
  ['a document type', `<!DOCTYPE epp [<!ENTITY x "y">]>${epp('<hello/>')}`, 2001],
  ['an entity nobody declared', command(object('domain', 'info', '<domain:name>&nope;.test</domain:name>')), 2001],
  ['another namespace', '<epp xmlns="urn:x"><hello/></epp>', 2001],
  ['a verb nobody knows', command('<frobnicate/>'), 2000],
  ['an object nobody serves', command('<info><d:info xmlns:d="urn:x"><d:name>a</d:name></d:info></info>'), 2307],
  ['a verb of another object', command('<renew><h:renew xmlns:h="urn:ietf:params:xml:ns:host-1.0"/></renew>'), 2101],
  ['a verb without an object', command('<info/>'), 2003],
  ['a name left out', command(object('domain', 'create', '<domain:period unit="y">1</domain:period>')), 2003],
  [
    'ninety-nine and one years',
    command(
      object(
        'domain',
        'renew',
        '<domain:name>a.test</domain:name><domain:curExpDate>2027-01-01</domain:curExpDate><domain:period unit="y">100</domain:period>',
      ),
    ),
    2004,
  ],
  [
    'a time where a date belongs',
    command(
      object(
        'domain',
        'renew',
        '<domain:name>a.test</domain:name><domain:curExpDate>2027-01-01T00:00:00Z</domain:curExpDate>',
      ),
    ),
    2005,
  ],
])('%s is refused', async (_, frame, code) => {
  expect(codeOf(await client.send(frame))).toBe(code);
});

test('every answer, also to a broken frame, obeys the schemas', async () => {
  const answers = framesOf(sandbox.self.log.list({ limit: 100_000 })).filter((frame) =>
    /<(response|greeting)>/.test(frame),
  );
  expect(answers.length).toBeGreaterThan(200);
  expect((await schemaErrors(answers)).filter((error) => error !== '')).toEqual([]);
});

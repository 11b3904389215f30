import { describe, expect, test } from '@jest/globals';
import { encodeFrame, FrameDecoder } from '../../../providers/registrar/frame.ts';
import { kindOf, readResult } from '../../../providers/registrar/result.ts';
import { element, read, write } from '../../../providers/registrar/xml.ts';
import { MESSAGES } from '../../../sandbox/registrar/result.ts';

const EPP = 'urn:ietf:params:xml:ns:epp-1.0';

describe('frames', () => {
  test('count their own four bytes, and bytes rather than characters', () => {
    expect([...encodeFrame('é').subarray(0, 4)]).toEqual([0, 0, 0, 6]);
  });

  test('come together from pieces cut anywhere', () => {
    const stream = Buffer.concat(['<å/>', '<b>漢</b>', '<c/>'].map(encodeFrame));
    for (let size = 1; size <= stream.length; size++) {
      const decoder = new FrameDecoder();
      const frames: string[] = [];
      for (let at = 0; at < stream.length; at += size) frames.push(...decoder.decode(stream.subarray(at, at + size)));
      expect(frames).toEqual(['<å/>', '<b>漢</b>', '<c/>']);
    }
  });

  test.each([0, 4, 0xffffffff])('a length of %d is refused', (length) => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(length);
    expect(() => new FrameDecoder().decode(header)).toThrow(RangeError);
  });
});

describe('documents', () => {
  const around = (inner: string) => `<epp xmlns="${EPP}">${inner}</epp>`;

  test('text survives being written and read', () => {
    const text = `<a>&amp; "x" 'y' ]]> é 漢 😀 &#65;`;
    expect(read(write(element('note', text, { by: text })))).toMatchObject({
      name: 'note',
      text,
      attributes: { by: text },
    });
  });

  test('prefixes are the other side’s to choose', () => {
    const top = read(`<e:epp xmlns:e="${EPP}"><e:a><b xmlns="urn:x"/><q:c xmlns:q="urn:y"> t </q:c></e:a></e:epp>`);
    expect(top.children).toMatchObject([
      { namespace: 'urn:x', name: 'b' },
      { namespace: 'urn:y', name: 'c', text: 't' },
    ]);
  });

  test('character references, CDATA and comments are read as what they mean', () => {
    expect(read(around('<a>&#x41;&#66;&amp;lt;<!-- no --><![CDATA[<&amp;>]]></a>')).text).toBe('AB&lt;<&amp;>');
  });

  test.each([
    ['a DTD', '<!DOCTYPE epp [<!ENTITY x "y">]><epp/>'],
    ['a foreign root', '<html/>'],
    ['EPP of another version', '<epp xmlns="urn:ietf:params:xml:ns:epp-2.0"><hello/></epp>'],
    ['tags that do not match', around('<a></b>')],
    ['nothing', ''],
  ])('%s is refused', (_, xml) => {
    expect(() => read(xml)).toThrow(SyntaxError);
  });

  test.each(['\u0000', '\u001b', '\ufffe', '\ud800'])('%j cannot be written', (char) => {
    expect(() => write(element('a', `x${char}y`))).toThrow(RangeError);
  });
});

describe('results', () => {
  test('code, sentence with reasons, queue and transactions are read', () => {
    const xml = `<epp xmlns="${EPP}"><response><result code="2306"><msg>No</msg><extValue><value><undef/></value><reason>because</reason></extValue>
      </result><msgQ count="3" id="7"/><trID><clTRID>C-1</clTRID><svTRID>S-1</svTRID></trID></response></epp>`;
    expect(readResult(xml)).toEqual({
      code: 2306,
      message: 'No: because',
      queue: { id: '7', count: 3 },
      clientTransaction: 'C-1',
      serverTransaction: 'S-1',
    });
  });

  test('anything but a response is refused', () => {
    expect(() => readResult(`<epp xmlns="${EPP}"><greeting/></epp>`)).toThrow(SyntaxError);
  });

  test('no refusal is unknown: a code from 2000 on tells that nothing was done', () => {
    const kinds = Object.keys(MESSAGES)
      .map(Number)
      .filter((code) => code >= 2000)
      .map(kindOf);
    expect(new Set(kinds)).toEqual(new Set(['refused', 'denied', 'absent', 'conflict', 'busy']));
  });
});

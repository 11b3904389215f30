import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Store } from '../../../sandbox/lib/store.ts';
import { Zones } from '../../../sandbox/powerdns/zones.ts';

test('zones are there again in a new process', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mpanel-zones-'));
  try {
    const before = new Zones(new Store(join(dir, 'a.sqlite')));
    const texts = { name: 'example.com.', kind: 'Native', account: '', soaEdit: '', soaEditApi: 'DEFAULT' };
    const rrset = { zone: 'example.com.', name: 'www.example.com.', type: 'A', ttl: 60 };
    const records = [{ content: '127.64.0.1', disabled: false }];
    before.save({ ...texts, masters: [], apiRectify: false, keys: [] }, [
      { ...rrset, records },
      { ...rrset, name: 'gone.example.com.', records },
    ]);
    before.save(before.get('example.com.')!, [{ ...rrset, name: 'gone.example.com.', records: [] }]);
    // The first store stays open, as after a SIGKILL.
    const after = new Zones(new Store(join(dir, 'a.sqlite')));
    expect(after.rrsets('example.com.')).toEqual([{ ...rrset, records }]);
    expect(after.find('example.com.', 'www.example.com.', 'A')?.records).toEqual(records);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

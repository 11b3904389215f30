import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import packet, { type Answer } from 'dns-packet';
import type { Watch } from './watch.ts';

/** A resolver that knows these records and no others, and what checks that may ask it work with. */
export async function resolverFor(watch: Watch, ...records: Answer[]) {
  const resolver = createSocket('udp4');
  resolver.on('message', (bytes, peer) => {
    const { id, questions } = packet.decode(bytes);
    const [question] = questions ?? [];
    const answers = records.filter(({ name, type }) => question?.name === name && question.type === type);
    const flags = answers.length ? 0 : 3;
    const answer = packet.encode({ type: 'response', id: id ?? 0, flags, questions: questions ?? [], answers });
    resolver.send(answer, peer.port, peer.address);
  });
  resolver.bind(0, '127.0.0.1');
  await once(resolver, 'listening');
  const { deps } = watch.hands;
  const config = { ...watch.world.config, GUARDIAN_RESOLVER: `127.0.0.1:${resolver.address().port}` };
  return { resolver, asking: { ...deps, config } };
}

import { isIPv6 } from 'node:net';
import { element, objectElement, type Written } from '../xml.ts';

export const checkHosts = (names: readonly string[]): Written =>
  element('check', [
    objectElement(
      'host:check',
      names.map((name) => element('host:name', name)),
    ),
  ]);

export const createHost = (name: string, addresses: readonly string[]): Written =>
  element('create', [objectElement('host:create', [element('host:name', name), ...addresses.map(address)])]);

export const infoHost = (name: string): Written =>
  element('info', [objectElement('host:info', [element('host:name', name)])]);

export const updateHost = (name: string, added: readonly string[], removed: readonly string[]): Written =>
  element('update', [
    objectElement('host:update', [element('host:name', name), part('host:add', added), part('host:rem', removed)]),
  ]);

const part = (name: string, addresses: readonly string[]) =>
  addresses.length > 0 ? element(name, addresses.map(address)) : undefined;

const address = (ip: string) => element('host:addr', ip, { ip: isIPv6(ip) ? 'v6' : 'v4' });

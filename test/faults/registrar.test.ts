import { expect } from '@jest/globals';
import { SystemEvent } from '../../db/entities/index.ts';
import { refusedAfter } from '../laws/support/laws.ts';
import type { World } from '../laws/support/world.ts';
import { act, cut, FOR_LONG, faults, on, stageOf } from './support/trial.ts';

const register = stageOf('domain_register');
const renew = stageOf('domain_renew');
const CREATE = '^domain:create';
const always = { times: FOR_LONG };

interface State {
  domains: { name: string; sponsor: string; registrant: string; expiresAt: string }[];
  messages: unknown[];
}
const state = (world: World) => world.running('registrar').state() as State;
const named = (world: World) => state(world).domains.filter(({ name }) => name === 'law.example');
const decidedAs = (ok: boolean) => act('registrar', 'finish-pending', { name: 'law.example', ok });

faults('registrar', {
  'create-cut': {
    stage: register,
    at: 'register',
    strike: on('registrar', CREATE, 'cut-after-commit'),
    end: 'delivered',
  },
  'renew-cut': {
    stage: renew,
    at: 'renew',
    strike: on('registrar', '^domain:renew', 'cut-after-commit'),
    end: 'delivered',
  },
  'delete-cut': {
    stage: register,
    at: 'register',
    strike: on('registrar', '^domain:delete', 'cut-after-commit'),
    end: 'undone',
    refused: refusedAfter('register'),
  },
  'pending-granted': {
    stage: register,
    at: 'register',
    strike: on('registrar', CREATE, 'pending-create', { data: { twice: true } }),
    end: 'waits',
    reason: /still working on law\.example/,
    mend: decidedAs(true),
    also: async (world) => {
      expect(state(world).messages).toEqual([]);
      expect(await world.em().count(SystemEvent, { type: 'registrar.message' })).toBe(2);
    },
  },
  'pending-declined': {
    stage: register,
    at: 'register',
    strike: on('registrar', CREATE, 'pending-create', { data: { twice: true } }),
    end: 'undone',
    reason: /declined/,
    waits: true,
    mend: decidedAs(false),
    also: (world) => expect(named(world)).toEqual([]),
  },
  'session-ended': {
    stage: register,
    at: 'register',
    strike: on('registrar', CREATE, 'session-2500'),
    end: 'delivered',
  },
  'login-limit': {
    stage: register,
    at: 'claim name',
    strike: on('registrar', 'login', 'login-limit-2502', always),
    end: 'blocked',
    reason: /too many sessions/,
  },
  'slow-registry': {
    stage: register,
    at: 'register',
    strike: on('registrar', CREATE, 'slow', { data: { ms: 300 } }),
    end: 'delivered',
  },
  'taken-between': {
    stage: register,
    at: 'register',
    strike: on('registrar', CREATE, 'taken-between-check-and-create'),
    end: 'undone',
    reason: /registered to somebody else/,
    but: /^. registrar domain law\.example: (?!MPANEL)/,
    also: (world) => expect(named(world).map(({ sponsor }) => sponsor)).not.toContain('MPANEL'),
  },
  premium: {
    stage: register,
    at: 'claim name',
    strike: act('registrar', 'set-premium', { name: 'law.example' }),
    end: 'undone',
    reason: /premium/i,
  },
  'premium-between': {
    stage: register,
    at: 'register',
    strike: act('registrar', 'set-premium', { name: 'law.example' }),
    end: 'undone',
    reason: /price agreed on beforehand/,
    also: (world) => expect(named(world)).toEqual([]),
  },
  'balance-empty': {
    stage: register,
    at: 'register',
    strike: on('registrar', CREATE, 'balance-empty-2104', always),
    end: 'blocked',
    reason: /account is empty/,
  },
  'auto-renewed': {
    stage: renew,
    at: 'renew',
    strike: on('registrar', '^domain:renew', 'auto-renewed'),
    end: 'delivered',
  },
  'transferred-away': {
    stage: renew,
    at: 'renew',
    strike: on('registrar', '^domain:renew', 'transferred-away'),
    end: 'undone',
    reason: /another registrar/,
  },
  'registry-down': {
    stage: register,
    at: 'claim name',
    strike: cut('registrar', 'connect|login|check', 'before', FOR_LONG),
    end: 'blocked',
    reason: /./,
  },
});

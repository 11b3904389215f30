import type { RequestHandler } from 'express';
import ipaddr from 'ipaddr.js';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { notFound } from '../../core/app-error.ts';

/** Metrics of one app, so that two in a process do not share counters. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  return { registry, duration };
}
export type Metrics = ReturnType<typeof createMetrics>;

/** The exposition, for loopback or whoever has the token. */
export function serveMetrics({ registry }: Metrics, token: string | undefined): RequestHandler {
  return async (req, res) => {
    const bearer = req.get('authorization');
    // An address forwarded by a proxy we do not trust says nothing about who is behind it.
    const forwarded = req.get('x-forwarded-for') ?? req.get('forwarded');
    const local = isLoopback(req.ip) && (!forwarded || req.ip !== req.socket.remoteAddress);
    if (!local && !(token && bearer === `Bearer ${token}`)) throw notFound();
    res.type(registry.contentType).send(await registry.metrics());
  };
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && ipaddr.process(address).range() === 'loopback';
}
